/** What of leases needs no database: shares, deadlines, and what may be done with a shard at which stage. */
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { npubEncode } from "nostr-tools/nip19";
import { expect, test } from "vitest";
import { Deadline } from "../../worker/leases/deadline.ts";
import { Holdings, type Stage } from "../../worker/leases/holdings.ts";
import { isGone, ownPlace } from "../../worker/leases/place.ts";
import { Reach } from "../../worker/leases/reach.ts";
import { prefixesOf, prefixOf, SHARDS, shardOf, shardOfNpub } from "../../worker/leases/shards.ts";
import { fairShare, sharersOf } from "../../worker/leases/share.ts";

const pubkeys = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString("hex"));

test("a public key and its npub belong to the same of the shards", () => {
  fc.assert(
    fc.property(pubkeys, (pubkey) => {
      const npub = npubEncode(pubkey);
      expect(shardOfNpub(npub)).toBe(shardOf(pubkey));
      expect(npub.startsWith(prefixOf(shardOf(pubkey)))).toBe(true);
    }),
  );
  const all = Array.from({ length: SHARDS }, (_, shard) => shard);
  expect(new Set(all.map(prefixOf)).size).toBe(32);
  expect(prefixesOf(all)).toBe(undefined);
  expect(prefixesOf([0, 31])).toEqual(["npub1q", "npub1l"]);
});

/** How many shards each worker holds, and how many nobody does. */
const shares = fc
  .tuple(fc.array(fc.nat(10), { minLength: 1, maxLength: 40 }), fc.infiniteStream(fc.nat(1_000)))
  .map(([weights, order]) => {
    const held = new Map(weights.map((_, index) => [`worker ${index}`, 0]));
    const ids = [...held.keys()];
    const lots = weights
      .flatMap((weight, index) => Array<string>(weight).fill(ids[index] ?? ""))
      .slice(0, SHARDS);
    for (const id of lots) held.set(id, (held.get(id) ?? 0) + 1);
    return { held, free: SHARDS - lots.length, order };
  });

test("in whatever order workers look, each comes to its share, and no shard moves without need", () => {
  fc.assert(
    fc.property(shares, ({ held, free: unheld, order }) => {
      const ids = [...held.keys()];
      const [most, least] = [Math.ceil(SHARDS / ids.length), Math.floor(SHARDS / ids.length)];
      const surplus = (limit: number) =>
        [...held.values()].reduce((sum, count) => sum + Math.max(0, count - limit), 0);
      const needless = surplus(least);
      let [free, given] = [unheld, 0];
      for (let looks = 0; looks < 20 * ids.length; looks++) {
        // Each in turn, but not always in the same order.
        const [skip = 0] = order;
        const id = ids[(looks + (looks < 10 * ids.length ? skip : 0)) % ids.length] ?? "";
        const count = held.get(id) ?? 0;
        const missing = fairShare(id, held) - count;
        const taken = Math.min(missing, free);
        if (missing < 0) given -= missing;
        held.set(id, count + taken);
        free -= taken;
      }
      expect(free).toBe(0);
      for (const count of held.values()) expect([most, least]).toContain(count);
      expect(given).toBeLessThanOrEqual(needless);
      for (const [id, count] of held) expect(fairShare(id, held)).toBe(count);
    }),
  );
});

test("when one worker joins or leaves, no more shards move than it takes or had", () => {
  for (let workers = 1; workers < 40; workers++) {
    const least = Math.floor(SHARDS / workers);
    const held = new Map(
      Array.from({ length: workers }, (_, rank) => [`${rank}`, least + (rank < SHARDS % workers ? 1 : 0)]),
    );
    held.set("newcomer", 0);
    const given = [...held].reduce((sum, [id, count]) => sum + Math.max(0, count - fairShare(id, held)), 0);
    expect(given).toBe(
      fairShare("newcomer", new Map([...held].map(([id, n]) => [id, Math.min(n, fairShare(id, held))]))),
    );
  }
});

test("who has no relay has no share, as long as anybody has one", () => {
  const [a, b, c] = [
    { id: "a", reaches: true },
    { id: "b", reaches: false },
    { id: "c", reaches: true },
  ];
  expect(sharersOf([a, b, c])).toEqual([a, c]);
  expect(sharersOf([b])).toEqual([b]);
  expect(sharersOf([])).toEqual([]);
  expect(fairShare("b", new Map([["a", 32]]))).toBe(0);
});

test("a worker reaches clients while it has a relay and for ten seconds after, and not before its first", () => {
  const { now, clock: read } = clocks();
  let isConnected = false;
  const reach = new Reach(() => isConnected, read);
  expect(reach.look()).toBe(false);
  isConnected = true;
  expect(reach.look()).toBe(true);
  isConnected = false;
  now.monotonic += 10_000;
  expect(reach.look()).toBe(true);
  now.monotonic += 1;
  expect(reach.look()).toBe(false);
});

const clocks = () => {
  const now = { monotonic: 1_000, wall: 1_700_000_000_000 };
  return { now, clock: () => ({ ...now }) };
};

test("a deadline passes by whichever clock goes further", () => {
  for (const clock of ["monotonic", "wall"] as const) {
    const { now, clock: read } = clocks();
    const deadline = new Deadline(read);
    expect(deadline.hasPassed).toBe(true);
    deadline.set(read(), 5_000);
    now[clock] += 4_999;
    expect(deadline.hasPassed).toBe(false);
    now[clock] += 1;
    expect(deadline.hasPassed).toBe(true);
  }
  // A clock that is set back makes nothing longer.
  const { now, clock } = clocks();
  const deadline = new Deadline(clock);
  deadline.set(clock(), 5_000);
  now.wall -= 3_600_000;
  now.monotonic += 5_000;
  expect(deadline.hasPassed).toBe(true);
});

test("a deadline counts from when it was asked for, and is made shorter but not longer at once", () => {
  const { now, clock } = clocks();
  const deadline = new Deadline(clock);
  const sent = clock();
  now.monotonic += 3_000;
  deadline.set(sent, 5_000);
  expect(deadline.remaining).toBe(2_000);
  deadline.shorten(3_000);
  expect(deadline.remaining).toBe(2_000);
  deadline.shorten(500);
  expect(deadline.remaining).toBe(500);
});

test("a shard takes and answers requests as far as its stage and the deadline let it", () => {
  const { now, clock } = clocks();
  const deadline = new Deadline(clock);
  const holdings = new Holdings(deadline);
  const pubkey = "ff".repeat(32);
  const npub = npubEncode(pubkey);
  const holding = { shard: 31, stage: "preparing" as Stage, unlogged: { since: 5, until: 100, gain: 1 } };
  const may = () => [holdings.takes(pubkey), holdings.answers(pubkey), holdings.serves(npub)];
  deadline.set(clock(), 1_000);
  expect(may()).toEqual([false, false, false]);
  holdings.add(holding);
  const expected = { preparing: "---", serving: "tas", draining: "-a-", logging: "---", done: "---" };
  for (const [stage, rights] of Object.entries(expected)) {
    holding.stage = stage as Stage;
    expect(may()).toEqual([...rights].map((right) => right !== "-"));
  }
  holding.stage = "serving";
  now.monotonic += 1_000;
  expect(may()).toEqual([false, false, true]);
  expect(holdings.unlogged(pubkey, 99)).toMatchObject({ since: 5 });
  expect(holdings.unlogged(pubkey, 100)).toBe(null);
  expect(holdings.unlogged("00".repeat(32), 99)).toBe(null);
  holdings.remove(holding);
  expect(may()).toEqual([false, false, false]);
});

test.runIf(process.platform === "linux")(
  "only of a process on this machine can be told that it has ended",
  () => {
    const own = ownPlace();
    const { pid } = spawnSync(process.execPath, ["--version"]);
    expect(isGone(own, own)).toBe(false);
    expect(isGone({ ...own, pid }, own)).toBe(true);
    // Its number is another process's by now.
    expect(isGone({ ...own, started: "1" }, own)).toBe(true);
    for (const elsewhere of [{ host: "other" }, { boot: "other" }, { namespace: "other" }, { boot: null }]) {
      expect(isGone({ ...own, pid, ...elsewhere }, own)).toBe(false);
    }
  },
);
