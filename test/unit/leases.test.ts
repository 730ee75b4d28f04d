import { expect, test } from "vitest";
import { ARRIVAL, Leases } from "../../edge/directory/leases.ts";

const ANA = "a".repeat(64);
const BEN = "b".repeat(64);
const NOON = 1_800_000_000_000;

const held = (leases: Leases, address: string) => leases.of(address).map(({ id }) => id);

test("an address holds what it was given, until it is given back", () => {
  const leases = new Leases();
  const [one, two] = [leases.grant(ANA, "NA/1", NOON), leases.grant(ANA, "NA/2", NOON)];
  const other = leases.grant(BEN, "NA/1", NOON);
  expect(held(leases, ANA)).toEqual([one, two]);
  leases.release(one);
  leases.release(one);
  leases.release("nonsense");
  expect(held(leases, ANA)).toEqual([two]);
  expect(held(leases, BEN)).toEqual([other]);
});

test("what no lobby holds is gone, unless it is still on its way", () => {
  const leases = new Leases();
  const [kept, lost] = [leases.grant(ANA, "NA/1", NOON), leases.grant(ANA, "NA/1", NOON)];
  const young = leases.grant(ANA, "NA/1", NOON + 1);
  leases.confirm(leases.of(ANA), new Set([kept]), NOON + ARRIVAL);
  expect(held(leases, ANA)).toEqual([kept, young]);
  expect(held(leases, ANA)).not.toContain(lost);
});

test("what a lobby does not name any more is gone, but for those on their way", () => {
  const leases = new Leases();
  const [kept] = [leases.grant(ANA, "NA/1", NOON), leases.grant(BEN, "NA/1", NOON)];
  leases.grant(BEN, "NA/2", NOON);
  const young = leases.grant(BEN, "NA/1", NOON + 1);
  expect(leases.arrived("NA/1", NOON + ARRIVAL)).toHaveLength(2);
  leases.restore("NA/1", [kept], NOON + ARRIVAL);
  expect([leases.count("NA/1"), leases.count("NA/2")]).toEqual([2, 1]);
  expect(held(leases, BEN)).toContain(young);
});

test("what lobbies hold is restored, each lease once, under the address that it is of", () => {
  const before = new Leases();
  const ids = [before.grant(ANA, "NA/1", NOON), before.grant(BEN, "NA/1", NOON)];
  const after = new Leases();
  after.restore("NA/1", ids, NOON);
  after.restore("NA/1", ids, NOON);
  expect(after.count("NA/1")).toBe(2);
  expect(after.of(ANA)).toEqual([{ id: ids[0], lobby: "NA/1", since: 0 }]);
  expect(held(after, BEN)).toEqual([ids[1]]);
});
