/** When what a worker gained is served. */
import { pino } from "pino";
import { expect, test } from "vitest";
import { Deadline } from "../../worker/leases/deadline.ts";
import { Handover } from "../../worker/leases/handover.ts";
import { type Holding, Holdings } from "../../worker/leases/holdings.ts";
import { Reach } from "../../worker/leases/reach.ts";

const clock = () => ({ monotonic: 0, wall: 0 });

/** Of a worker whose requests cannot be answered yet, for want of the database; `answering` has them be. */
const setUp = () => {
  let answering = () => {};
  const answers = new Promise<void>((resolve) => {
    answering = resolve;
  });
  const deadline = new Deadline(clock);
  deadline.set(clock(), 1_000);
  const holdings = new Holdings(deadline);
  const holding: Holding = { shard: 0, stage: "preparing", unlogged: null };
  holdings.add(holding);
  const served: number[] = [];
  const handover = new Handover({
    holdings,
    audit: { answered: async () => ({ ids: [], clients: [] }), flush: async () => true, loggedUntil: 0 },
    gate: { ready: () => answers },
    router: { remember: () => {}, settle: async () => {} },
    bunkers: { drop: () => [], counts: { running: 0, leaving: 0, broken: 0 } },
    relays: { withdraw: () => {}, renewAll: () => {} },
    reach: new Reach(() => true, clock),
    scanner: { gained: async () => {} },
    onServed: (shards) => served.push(...shards),
    log: pino({ level: "silent" }),
    now: () => 0,
  });
  return { handover, holdings, holding, served, answering };
};

/** All that goes on without waiting for anything outside is done then. */
const idle = () => new Promise((resolve) => setImmediate(resolve));

test("nothing is served before requests can be answered", async () => {
  const { handover, holding, served, answering } = setUp();
  const taking = handover.take([holding]);
  await idle();
  expect([holding.stage, served]).toEqual(["preparing", []]);
  answering();
  await taking;
  expect([holding.stage, served]).toEqual(["serving", [0]]);
});

test("what is lost in the meantime is not served", async () => {
  const { handover, holdings, holding, served, answering } = setUp();
  const taking = handover.take([holding]);
  await idle();
  holdings.remove(holding);
  answering();
  await taking;
  expect([holding.stage, served]).toEqual(["preparing", []]);
});
