import { expect, test } from "vitest";
import { WAIT_BUCKETS } from "../../edge/rpc.ts";
import { Tally } from "../../edge/tally.ts";

const NOON = 1_800_000_000_000;

test("searches per second: steady while they come steadily, and over when they are over", () => {
  const tally = new Tally();
  for (let at = 0; at < 60_000; at += 100) {
    tally.searched(NOON + at);
    if (at > 10_000) expect(Math.abs(tally.searchesPerSecond(NOON + at) - 10)).toBeLessThan(0.5);
  }
  expect(tally.searchesPerSecond(NOON + 70_000)).toBe(0);
});

test("waits stand in every bucket that they fit in, signals and refusals are counted", () => {
  const tally = new Tally();
  for (const wait of [0, 500, 501, 1_000_000]) tally.matched(wait);
  tally.signaled();
  tally.refused("not-matched");
  tally.refused("not-matched");
  const { matchesMade, waits, signals, refusals } = tally.counts;
  expect({ matchesMade, signals, refusals }).toEqual({
    matchesMade: 4,
    signals: 1,
    refusals: { "not-matched": 2 },
  });
  expect(waits).toMatchObject({ count: 4, sum: 1_001.001 });
  const at = (seconds: number) => waits.buckets[WAIT_BUCKETS.indexOf(seconds)];
  expect([at(0.1), at(0.5), at(1), at(300)]).toEqual([1, 2, 3, 3]);
});

test("a tally goes on from another", () => {
  const before = new Tally();
  before.matched(1_000);
  const after = new Tally(structuredClone(before.counts));
  after.matched(1_000);
  expect(after.counts).toMatchObject({ matchesMade: 2, waits: { count: 2, sum: 2 } });
});
