import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Refusal } from "../../worker/refusal.ts";
import { Subscriptions } from "../../worker/subscriptions.ts";

/** A relay with its limits, as it answers to REQ and CLOSE on one connection. */
class Relay {
  open = new Map<string, string[]>();
  known = new Set<string>();
  requests: number[] = [];
  values: number;
  most: number;
  reason: Refusal;

  constructor(values: number, most = Number.POSITIVE_INFINITY, reason: Refusal = "unknown") {
    this.values = values;
    this.most = most;
    this.reason = reason;
  }

  takes(id: string, pubkeys: string[]): boolean {
    return pubkeys.length <= this.values && (this.open.has(id) || this.open.size < this.most);
  }
}

/** Has everything asked for and let go of, until nothing is due any more. */
const converse = (subscriptions: Subscriptions, relay: Relay): void => {
  subscriptions.gather();
  do {
    subscriptions.tidy();
    exchange(subscriptions, relay);
  } while (subscriptions.isUntidy);
};

/** Sends what is due and has it answered, until nothing is due any more. */
const exchange = (subscriptions: Subscriptions, relay: Relay): void => {
  for (let round = 0; ; round++) {
    expect(round, "rounds of a conversation").toBeLessThan(500);
    const { request, close } = subscriptions.next();
    for (const id of close) {
      expect(relay.known.has(id), `CLOSE of ${id}, which was never opened`).toBe(true);
      relay.open.delete(id);
    }
    expect(request.length).toBeLessThanOrEqual(10);
    const answers = request.map(({ id, known, fresh }) => {
      const pubkeys = [...known, ...fresh];
      expect(pubkeys.length).toBeGreaterThan(0);
      const open = new Set([...relay.open.values()].flat());
      for (const pubkey of known) expect(open.has(pubkey), `${pubkey} is known`).toBe(true);
      relay.known.add(id);
      relay.requests.push(pubkeys.length);
      const taken = relay.takes(id, pubkeys);
      if (taken) relay.open.set(id, pubkeys);
      else relay.open.delete(id);
      return { id, taken };
    });
    for (const { id, taken } of answers) {
      if (taken) subscriptions.confirmed(id);
      else subscriptions.refused(id, relay.reason);
    }
    if (request.length === 0 && close.length === 0) return;
  }
};

/** As hex, spread over the circle as public keys are. */
const keyOf = (n: number): string => createHash("sha256").update(String(n)).digest("hex");
const keys = (count: number): string[] => Array.from({ length: count }, (_, n) => keyOf(n));
const filled = (count: number, start = 0): Subscriptions => {
  const subscriptions = new Subscriptions(start);
  for (const key of keys(count)) subscriptions.add(key);
  return subscriptions;
};
const heardBy = (relay: Relay): string[] => [...relay.open.values()].flat();
const sizes = (relay: Relay): number[] => [...relay.open.values()].map(({ length }) => length);

const pubkey = fc.integer({ min: 0, max: 60 }).map(keyOf);
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("add" as const), pubkey }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("delete" as const), pubkey }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("converse" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("send" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reconnect" as const) }) },
);

test("after any story a relay listens for the keys asked for, each once, or its room is used up", () => {
  let crowded = 0;
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 8 }),
      fc.constantFrom<Refusal>("unknown", "size", "count"),
      fc.array(step, { minLength: 20, maxLength: 150 }),
      (values, most, reason, story) => {
        const unnamed = reason === "unknown";
        const limits = [
          reason === "count" ? 1_000 : values,
          reason === "size" ? 1_000 : most,
          reason,
        ] as const;
        const subscriptions = new Subscriptions(0, reason === "count" ? values : 1_000);
        const wanted = new Set<string>();
        let relay = new Relay(...limits);

        const check = () => {
          converse(subscriptions, relay);
          const heard = heardBy(relay);
          expect(new Set(heard).size).toBe(heard.length);
          expect(heard.every((key) => wanted.has(key))).toBe(true);
          expect(subscriptions.keys).toBe(wanted.size);
          expect(heard.sort()).toEqual(subscriptions.heard().flat().sort());
          expect(subscriptions.unheard.keys).toBe(wanted.size - heard.length);
          expect(subscriptions.held).toBe(wanted.size - heard.length);
          expect(subscriptions.settled).toBe(true);
          if (heard.length === wanted.size) return;
          crowded++;
          expect(relay.open.size).toBe(most);
          // The relay's words may not say which of its limits it was; half of its room is used at the least.
          const room = unnamed ? values / 2 : values;
          for (const size of sizes(relay)) expect(size).toBeGreaterThanOrEqual(Math.floor(room));
        };

        for (const what of story) {
          if (what.do === "add") {
            subscriptions.add(what.pubkey);
            wanted.add(what.pubkey);
          } else if (what.do === "delete") {
            subscriptions.delete(what.pubkey);
            wanted.delete(what.pubkey);
          } else if (what.do === "converse") {
            check();
          } else if (what.do === "send") {
            // Asked, and cut off before it was answered.
            subscriptions.gather();
            subscriptions.next();
            subscriptions.lost();
            relay = new Relay(...limits);
          } else {
            subscriptions.lost();
            relay = new Relay(...limits);
          }
          if (subscriptions.held > 0 && what.do === "reconnect") subscriptions.probe();
        }
        check();
      },
    ),
    { numRuns: 2_000 },
  );
  expect(crowded).toBeGreaterThan(50);
});

test("packs a thousand keys into one subscription", () => {
  const relay = new Relay(1_000);
  converse(filled(2_500), relay);
  expect(sizes(relay)).toEqual([1_000, 1_000, 500]);
  expect(relay.requests).toEqual([1_000, 1_000, 500]);
});

test("one more key sends one subscription again, under its id", () => {
  const subscriptions = filled(2_500);
  const relay = new Relay(1_000);
  converse(subscriptions, relay);
  const last = [...relay.open.keys()].at(-1);
  subscriptions.add("another");
  subscriptions.gather();
  expect(subscriptions.next()).toEqual({
    request: [{ id: last, known: expect.any(Array), fresh: ["another"] }],
    close: [],
  });
});

test("a key more in a pack that lost one takes its place", () => {
  const subscriptions = filled(2_000);
  const relay = new Relay(1_000);
  converse(subscriptions, relay);
  subscriptions.delete(keyOf(0));
  subscriptions.add("another");
  relay.requests = [];
  converse(subscriptions, relay);
  expect(relay.requests).toEqual([1_000]);
  expect(subscriptions.size).toBe(2);
});

test("what changes before a subscription is confirmed is sent once it is", () => {
  const subscriptions = filled(1);
  subscriptions.gather();
  const [first] = subscriptions.next().request;
  subscriptions.add("another");
  subscriptions.gather();
  expect(subscriptions.next().request).toEqual([]);
  subscriptions.confirmed(first?.id ?? "");
  expect(subscriptions.hears(keyOf(0))).toBe(true);
  expect(subscriptions.hears("another")).toBe(false);
  expect(subscriptions.next().request).toEqual([{ id: first?.id, known: [keyOf(0)], fresh: ["another"] }]);
  subscriptions.confirmed(first?.id ?? "");
  expect(subscriptions.hears("another")).toBe(true);
});

test("the last key of a subscription closes it; what comes and goes in between is never said", () => {
  const subscriptions = filled(1);
  subscriptions.gather();
  const [first] = subscriptions.next().request;
  subscriptions.confirmed(first?.id ?? "");
  subscriptions.delete(keyOf(0));
  expect(subscriptions.next()).toEqual({ request: [], close: [first?.id] });
  subscriptions.add("k");
  subscriptions.delete("k");
  subscriptions.gather();
  expect(subscriptions.next()).toEqual({ request: [], close: [] });
});

test("one subscription finds out how many values a relay takes, before all are sent", () => {
  const relay = new Relay(256);
  converse(filled(5_000), relay);
  expect(relay.requests.slice(0, 3)).toEqual([1_000, 512, 256]);
  expect(relay.requests.filter((size) => size > 256)).toHaveLength(2);
  expect(heardBy(relay)).toHaveLength(5_000);
  expect(relay.open.size).toBe(20);
});

test("a relay with room for 10 x 256 listens for 2,560 of 3,000 keys, and the others are told of", () => {
  const subscriptions = filled(3_000);
  const relay = new Relay(256, 10);
  converse(subscriptions, relay);
  expect(sizes(relay)).toEqual(Array.from({ length: 10 }, () => 256));
  expect(subscriptions.held).toBe(440);
  expect(subscriptions.settled).toBe(true);
});

test("a key that goes makes room for one that is held back", () => {
  const subscriptions = filled(3_000);
  const relay = new Relay(256, 10);
  converse(subscriptions, relay);
  for (const key of heardBy(relay).slice(0, 100)) subscriptions.delete(key);
  converse(subscriptions, relay);
  expect(heardBy(relay)).toHaveLength(2_560);
  expect(subscriptions.held).toBe(340);
});

test("a relay that takes more than it did is found out", () => {
  const subscriptions = filled(3_000);
  const relay = new Relay(256, 10);
  converse(subscriptions, relay);
  subscriptions.probe();
  relay.requests = [];
  converse(subscriptions, relay);
  expect(relay.requests).toHaveLength(1);
  expect(subscriptions.held).toBe(440);
  relay.most = 200;
  subscriptions.probe();
  converse(subscriptions, relay);
  expect(heardBy(relay)).toHaveLength(3_000);
  expect(subscriptions.held).toBe(0);
});

test("two relays with too little room share the keys out, so that each is heard somewhere", () => {
  const relays = [0, 0.5].map((start) => {
    const relay = new Relay(256, 10);
    converse(filled(4_500, start), relay);
    return relay;
  });
  expect(new Set(relays.flatMap(heardBy)).size).toBe(4_500);
});

test("a relay that takes nothing is asked for one subscription at a time, and again when told", () => {
  const subscriptions = filled(3_000);
  const relay = new Relay(0);
  converse(subscriptions, relay);
  expect(relay.requests).toEqual([1_000, 512, 256, 128, 64, 32, 16, 8, 4, 2, 1]);
  expect(subscriptions.refusing).toBe(true);
  relay.values = 1_000;
  subscriptions.retry();
  converse(subscriptions, relay);
  expect(sizes(relay)).toEqual([1_000, 1_000, 1_000]);
});

test.each(["wait", "auth"] as const)("a refusal that says %s is no reason to pack smaller", (reason) => {
  const subscriptions = filled(500);
  const relay = new Relay(0, 0, reason);
  converse(subscriptions, relay);
  expect(relay.requests).toEqual([500]);
  expect(subscriptions.refusing).toBe(true);
  subscriptions.retry();
  relay.values = 1_000;
  relay.most = 1_000;
  converse(subscriptions, relay);
  expect(sizes(relay)).toEqual([500]);
});

test("a subscription that was taken and is then refused waits, and costs the others nothing", () => {
  const subscriptions = filled(2_500);
  const relay = new Relay(1_000);
  converse(subscriptions, relay);
  const [id = ""] = relay.open.keys();
  subscriptions.refused(id, "unknown");
  expect(subscriptions.next()).toEqual({ request: [], close: [] });
  subscriptions.retry();
  expect(subscriptions.next().request.map((request) => request.id)).toEqual([id]);
});

test("the refusal of an unknown subscription changes nothing", () => {
  const subscriptions = filled(3);
  subscriptions.refused("of somebody else", "unknown");
  subscriptions.gather();
  expect(subscriptions.next().request).toHaveLength(1);
});

test("what was added waits to be gathered, and is sent beside what the relay listens for already", () => {
  const subscriptions = filled(3);
  const relay = new Relay(1_000);
  converse(subscriptions, relay);
  for (const key of ["a", "b"]) {
    subscriptions.add(key);
    expect(subscriptions.next().request).toEqual([]);
  }
  subscriptions.gather();
  expect(subscriptions.next().request).toMatchObject([{ known: keys(3), fresh: ["a", "b"] }]);
});

test("what was deleted costs nothing until it is tidied up", () => {
  const subscriptions = filled(2_000);
  const relay = new Relay(1_000);
  converse(subscriptions, relay);
  for (const key of [1, 2, 3, 1_500].map(keyOf)) subscriptions.delete(key);
  expect(subscriptions.isUntidy).toBe(true);
  subscriptions.gather();
  expect(subscriptions.next()).toEqual({ request: [], close: [] });
  relay.requests = [];
  converse(subscriptions, relay);
  expect(relay.requests.sort()).toEqual([997, 999]);
  expect(subscriptions.isUntidy).toBe(false);
});

test("subscriptions that shrink become fewer, and their keys are listened for all along", () => {
  const subscriptions = filled(10_000);
  const relay = new Relay(1_000);
  converse(subscriptions, relay);
  for (const key of keys(10_000).filter((_, n) => n % 5 > 0)) subscriptions.delete(key);
  converse(subscriptions, relay);
  expect(sizes(relay)).toEqual([1_000, 1_000]);
});

test("a subscription whose keys have moved is closed once the relay has confirmed where to", () => {
  const subscriptions = filled(2_000);
  const relay = new Relay(1_000);
  converse(subscriptions, relay);
  for (const key of keys(2_000).filter((_, n) => n % 5 < 3)) subscriptions.delete(key);
  subscriptions.tidy();
  const left = subscriptions.next().request;
  for (const { id } of left) subscriptions.confirmed(id);
  const { request, close } = subscriptions.next();
  expect(close).toEqual([]);
  expect(request).toHaveLength(1);
  const [id = ""] = request.map((each) => each.id);
  const [old = ""] = [...relay.open.keys()].filter((other) => other !== id);
  expect(subscriptions.has(old)).toBe(true);
  subscriptions.confirmed(id);
  expect(subscriptions.next()).toEqual({ request: [], close: [old] });
  expect(subscriptions.has(old)).toBe(false);
});

const move = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("add" as const), pubkey }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("delete" as const), pubkey }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("gather" as const, "tidy" as const, "renew" as const) }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("send" as const, "answer" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("answer all" as const) }) },
);

test("whatever comes and goes, a key that the relay listens for is listened for until it goes", () => {
  let merged = 0;
  fc.assert(
    fc.property(fc.array(move, { minLength: 50, maxLength: 300 }), (story) => {
      const subscriptions = new Subscriptions(0, 8);
      const open = new Map<string, Set<string>>();
      const unanswered: string[] = [];
      const listened = () => new Set([...open.values()].flatMap((pubkeys) => [...pubkeys]));
      const staying = new Set<string>();
      let peak = 0;

      const send = () => {
        const { request, close } = subscriptions.next();
        for (const id of close) {
          if ((open.get(id) ?? new Set()).size > 0) merged++;
          open.delete(id);
        }
        for (const { id, known, fresh } of request) {
          open.set(id, new Set([...known, ...fresh]));
          unanswered.push(id);
        }
        for (const key of listened()) if (subscriptions.hears(key)) staying.add(key);
      };
      const answer = () => subscriptions.confirmed(unanswered.shift() ?? "");
      const check = () => {
        const now = listened();
        for (const key of staying) expect(now.has(key), key).toBe(true);
        peak = Math.max(peak, subscriptions.keys);
        expect(open.size).toBeLessThanOrEqual(Math.ceil(peak / 8));
      };

      for (const key of keys(60)) subscriptions.add(key);
      subscriptions.gather();
      for (const what of [{ do: "answer all" as const }, ...story]) {
        if (what.do === "add") subscriptions.add(what.pubkey);
        if (what.do === "delete") {
          subscriptions.delete(what.pubkey);
          staying.delete(what.pubkey);
        }
        if (what.do === "gather") subscriptions.gather();
        if (what.do === "tidy") subscriptions.tidy();
        if (what.do === "renew") subscriptions.renew([...staying][0] ?? "");
        if (what.do === "send") send();
        if (what.do === "answer") answer();
        do {
          if (what.do === "answer all") {
            send();
            answer();
          }
          check();
        } while (what.do === "answer all" && unanswered.length > 0);
      }
    }),
    { numRuns: 200 },
  );
  expect(merged).toBeGreaterThan(50);
});
