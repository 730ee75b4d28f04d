/** Leases as several processes meet them in the table, by Postgres' clock. */
import { EventEmitter, once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Database, openDatabase } from "../../worker/db/open.ts";
import type { SqlClient } from "../../worker/db/session.ts";
import { systemClock } from "../../worker/leases/deadline.ts";
import type { Handover } from "../../worker/leases/handover.ts";
import type { Holding } from "../../worker/leases/holdings.ts";
import { LeaseTable } from "../../worker/leases/lease-table.ts";
import { Leases } from "../../worker/leases/leases.ts";
import { ownPlace } from "../../worker/leases/place.ts";
import { SHARDS } from "../../worker/leases/shards.ts";
import { createDatabase, silent, type TestDatabase } from "../support/database.ts";

const LONG = 60_000;
const place = ownPlace();

let own: TestDatabase;
let database: Database;
let sessions: SqlClient[];

beforeEach(async () => {
  own = await createDatabase();
  database = await openDatabase(own, silent);
  sessions = [];
});

afterEach(async () => {
  for (const session of sessions) await session.close();
  await database.close();
  await own.drop();
});

const connect = async (): Promise<SqlClient> => {
  const session = await database.connect();
  sessions.push(session);
  return session;
};

/** A worker that has registered, on a session of its own. */
const register = async (id: string, lasts = LONG, logged = 0) => {
  const table = new LeaseTable(await connect());
  const report = { logged, reaches: true, broken: 0 };
  expect(await table.renew(id, place, lasts, report)).toBe(true);
  return {
    table,
    renew: (lasts = LONG) => table.renew(id, place, lasts, report),
    acquire: (most: number, remembered = LONG) => table.acquire(id, most, remembered),
    bury: (...certain: string[]) => table.bury(id, certain),
    release: (...shards: number[]) => table.release(id, shards),
    leave: () => table.leave(id),
    held: async () =>
      (await table.census()).leases.filter(({ holder }) => holder === id).map(({ shard }) => shard),
    lease: async (shard: number) => (await table.census()).leases[shard],
  };
};

test("of workers that take at once each gets as many as it wants, no shard two of them, and all find the rest free", async () => {
  const workers = await Promise.all(["a", "b", "c", "d"].map((id) => register(id)));
  for (let round = 0; round < 5; round++) {
    await Promise.all(workers.map((worker) => worker.acquire(5)));
    const held = (await Promise.all(workers.map(({ held }) => held()))).flat();
    expect(held.length).toBe(new Set(held).size);
    if (round === 0) expect(held.length).toBe(20);
    else expect(held.length).toBe(SHARDS);
    if (round < 1) continue;
    for (const worker of workers) await worker.release(...(await worker.held()));
    await Promise.all(workers.map((worker) => worker.acquire(SHARDS)));
  }
  expect(await workers[0]?.acquire(1)).toBe(false);
});

test("what is held can be taken only when the holder has not renewed in time, and then it is the holder's no more", async () => {
  const [late, other] = [await register("late", 300, 7), await register("other")];
  expect(await late.acquire(SHARDS)).toBe(true);
  expect(await other.bury()).toBe(false);
  expect(await other.acquire(SHARDS)).toBe(false);
  expect(await late.renew(300)).toBe(true);
  await expect.poll(() => other.bury(), { interval: 10 }).toBe(true);
  expect(await late.renew()).toBe(false);
  expect(await late.held()).toEqual([]);
  expect(await other.acquire(SHARDS)).toBe(true);
  expect(await other.held()).toHaveLength(SHARDS);
  expect(await other.lease(0)).toMatchObject({ unlogged: { since: 7, ago: expect.any(Number) } });
});

test("who is late but renews before anybody has noticed keeps everything", async () => {
  const [late, other] = [await register("late", 1), await register("other")];
  await late.acquire(3);
  await expect
    .poll(async () => (await other.table.census()).workers[0]?.left, { interval: 5 })
    .toBeLessThan(0);
  expect(await late.renew()).toBe(true);
  expect(await other.bury()).toBe(false);
  expect(await late.held()).toEqual([0, 1, 2]);
});

test("a renewal and a burial of the same worker that meet: one wins, and the other knows", async () => {
  const late = await register("late", 1);
  const others = await Promise.all(["b", "c", "d"].map((id) => register(id)));
  await late.acquire(8);
  for (let round = 0; round < 20; round++) {
    const [renewed, ...buried] = await Promise.all([late.renew(1), ...others.map((other) => other.bury())]);
    expect(buried.filter(Boolean).length).toBeLessThanOrEqual(1);
    if (buried.includes(true)) {
      // Whichever came first: from then on it is dead.
      expect(await late.renew()).toBe(false);
      return;
    }
    expect(renewed).toBe(true);
    await expect
      .poll(async () => (await late.table.census()).workers.find(({ id }) => id === "late")?.left)
      .toBeLessThan(0);
  }
});

test("who is known to be dead is not waited for", async () => {
  const [dead, other] = [await register("dead", LONG, 9), await register("other")];
  await dead.acquire(SHARDS);
  expect(await other.bury("dead")).toBe(true);
  expect(await other.bury("dead")).toBe(false);
  await other.acquire(SHARDS);
  // The oldest time counts while it may matter, whoever dies next.
  const third = await register("third", LONG, 15);
  await third.bury("other");
  await third.acquire(2);
  expect(await third.lease(1)).toMatchObject({ holder: "third", unlogged: { since: 0 } });
  expect(await third.lease(2)).toMatchObject({ holder: null, unlogged: { since: 9 } });
  const fourth = await register("fourth");
  await fourth.bury("third");
  await fourth.acquire(1);
  await fourth.acquire(1, 0);
  expect(await fourth.lease(0)).toMatchObject({ holder: "fourth", unlogged: { since: 0 } });
  expect(await fourth.lease(1)).toMatchObject({ holder: "fourth", unlogged: { since: 15 } });
});

test("what is given up cleanly is free, with nothing to look up", async () => {
  const [one, other] = [await register("one", LONG, 5), await register("other")];
  await one.acquire(SHARDS);
  await one.release(3, 4);
  await other.release(5, 6);
  expect(await other.acquire(SHARDS)).toBe(true);
  expect(await other.held()).toEqual([3, 4]);
  await one.leave();
  expect((await other.table.census()).workers.map(({ id }) => id)).toEqual(["other"]);
  await other.acquire(SHARDS);
  expect(await other.held()).toHaveLength(SHARDS);
  expect(await other.lease(31)).toMatchObject({ unlogged: null });
});

test("changes are announced to all, and renewals are not", async () => {
  const heard = new EventEmitter();
  const session = await connect();
  let announced = 0;
  session.onNotification(() => {
    announced += 1;
    heard.emit("news");
  });
  await session.query("LISTEN satoshigle_leases", undefined);
  const news = async (change: Promise<unknown>) => {
    const before = announced;
    const next = once(heard, "news");
    await change;
    if (announced === before) await next;
  };
  const joining = register("one");
  await news(joining);
  const one = await joining;
  await news(one.acquire(3));
  await news(one.release(1));
  const before = announced;
  await one.renew();
  await one.bury();
  await one.release(30);
  await news(one.leave());
  expect(announced - before).toBe(1);
});

test("a worker that serves none of its shards yet gives none to one that joins, and does not try again and again", async () => {
  const given: Holding[][] = [];
  const handover = {
    report: () => ({ logged: 0, reaches: true, broken: 0 }),
    take: () => new Promise(() => {}),
    give: async (giving: Holding[]) => void given.push(giving),
  };
  const leases = new Leases({ database, place, aloneMs: LONG, clock: systemClock, log: silent });
  void leases.start(handover as unknown as Handover);
  await expect.poll(() => leases.holdings.in("preparing").length).toBe(SHARDS);
  const joins = await register("joins");
  await expect.poll(() => leases.status().workers.length).toBe(2);
  await joins.leave();
  await expect.poll(() => leases.status().workers.length).toBe(1);
  expect(given).toEqual([]);
  await leases.leave(true);
});
