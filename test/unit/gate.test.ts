import { pino } from "pino";
import { expect, test } from "vitest";
import { Gate } from "../../worker/gate.ts";
import type { Grant } from "../../worker/grant.ts";
import { POLICIES } from "../../worker/policy.ts";
import type { BindRefusal } from "../../worker/store.ts";

const silent = pino({ level: "silent" });

/** Stands in for the database: it counts uses, and notes what it is told. */
class FakeStore {
  left = 0;
  told: unknown[][] = [];

  async ping() {}
  async access() {
    return { of: () => ({ grants: [], stopped: "everything" as const }) };
  }
  async bind(...told: unknown[]): Promise<BindRefusal> {
    this.told.push(["bind", ...told]);
    return "taken";
  }
  async endSessions(...told: unknown[]) {
    this.told.push(["endSessions", ...told]);
  }
  async spend(...told: unknown[]) {
    this.told.push(["spend", ...told]);
    return this.left-- > 0;
  }
}

const setUp = (rates: { clientRate?: number; keyRate?: number } = {}) => {
  const clock = { now: 1_700_000_000_000 };
  const store = new FakeStore();
  const gate = new Gate({
    store,
    lastReplies: { find: () => undefined },
    policy: POLICIES.token,
    relays: ["wss://relay.example"],
    clientRate: 600,
    keyRate: 6_000,
    cacheMs: 60_000,
    log: silent,
    ...rates,
    now: () => clock.now,
  });
  return { clock, store, gate };
};

const grant = (more: Partial<Grant>): Grant => ({
  token: "token",
  client: "client",
  expiry: 0,
  revoked: false,
  notBefore: 0,
  perms: null,
  asked: null,
  uses: null,
  usesPerMinute: null,
  relays: [],
  ...more,
});

const EVENT = { id: "e", created_at: 5, pubkey: "client", kind: 24_133, tags: [], content: "", sig: "" };

test("lets a client have a tenth of its minute at once, and no other client pays for it", () => {
  const { clock, gate } = setUp();
  for (let n = 0; n < 60; n++) expect(gate.wait("one")).toBe(0);
  expect(gate.wait("one")).toBeCloseTo(0.1);
  expect(gate.wait("two")).toBe(0);
  clock.now += 100;
  expect(gate.wait("one")).toBe(0);
});

test("a key's rate is one over all clients, and counts what they are let in with only", () => {
  const { gate } = setUp({ keyRate: 600 });
  for (let n = 0; n < 100; n++) expect(gate.wait(`stranger ${n}`)).toBe(0);
  for (let n = 0; n < 60; n++) expect(gate.waitForKey("npub")).toBe(0);
  expect(gate.waitForKey("npub")).toBeGreaterThan(0);
  expect(gate.waitForKey("npub 2")).toBe(0);
});

test("however low the rate, a client has ten to connect with", () => {
  const { gate } = setUp({ clientRate: 1 });
  for (let n = 0; n < 10; n++) expect(gate.wait("one")).toBe(0);
  expect(gate.wait("one")).toBeCloseTo(60);
});

test("counts no uses of a grant that does not limit them", async () => {
  const { gate, store } = setUp();
  expect(await gate.spend(grant({}), EVENT)).toBeNull();
  expect(store.told).toEqual([]);
});

test("counts the uses of a grant that limits them, until none is left", async () => {
  const { gate, store } = setUp();
  store.left = 1;
  const limited = grant({ uses: { limit: 5, spent: 4 } });
  expect(await gate.spend(limited, EVENT)).toBeNull();
  expect(await gate.spend(limited, EVENT)).toMatch(/used up/);
  expect(store.told).toEqual([
    ["spend", "token", 5, "e"],
    ["spend", "token", 5, "e"],
  ]);
});

test("uses a minute are a token's own, and one too many says how long to wait and spends nothing", async () => {
  const { clock, gate, store } = setUp();
  store.left = 100;
  const paced = grant({ usesPerMinute: 2, uses: { limit: 100, spent: 0 } });
  expect(await gate.spend(paced, EVENT)).toBeNull();
  expect(await gate.spend(paced, EVENT)).toBeNull();
  expect(await gate.spend(paced, EVENT)).toBe("the token allows 2 a minute: try again in 30 s");
  expect(store.told).toHaveLength(2);
  expect(await gate.spend(grant({ ...paced, token: "another" }), EVENT)).toBeNull();
  clock.now += 30_000;
  expect(await gate.spend(paced, EVENT)).toBeNull();
  expect(await gate.spend(paced, EVENT)).toMatch(/try again/);
});

test("asks the database about its own key, and passes on what it says", async () => {
  const { gate, store } = setUp();
  expect(await gate.access("npub", "client")).toEqual({ grants: [], stopped: "everything" });
  const info = { name: "an app" };
  const request = { method: "connect" as const, signer: "", secret: "token", asked: "ping", info };
  expect(await gate.bind("npub", "client", request, EVENT)).toBe("taken");
  await gate.end("npub", "client", EVENT);
  expect(store.told).toEqual([
    ["bind", "npub", "client", { token: "token", asked: "ping", info, event: "e" }],
    ["endSessions", "npub", "client", "e"],
  ]);
});

test("is ready once the database answers, also where no request has found out yet that it does not", async () => {
  const { store, gate } = setUp();
  await gate.ready();
  let answer = () => {};
  const answers = new Promise<void>((resolve) => {
    answer = resolve;
  });
  store.ping = async () => {
    store.ping = () => answers;
    throw new Error("away");
  };
  let isReady = false;
  const ready = gate.ready().then(() => {
    isReady = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isReady).toBe(false);
  answer();
  await ready;
  gate.close();
});
