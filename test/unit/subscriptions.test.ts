import fc from "fast-check";
import { expect, test } from "vitest";
import { type Changes, Subscriptions } from "../../worker/subscriptions.ts";

/** What a relay holds after the REQs and CLOSEs of one connection. */
class Relay {
  open = new Map<string, string[]>();
  known = new Set<string>();

  take({ request, close }: Changes): void {
    for (const id of close) {
      expect(this.known.has(id), `CLOSE of ${id}, which was never opened`).toBe(true);
      this.open.delete(id);
    }
    for (const { id, pubkeys } of request) {
      this.open.set(id, pubkeys);
      this.known.add(id);
    }
  }
}

const pubkey = fc.integer({ min: 0, max: 40 }).map((n) => `k${n}`);
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("add" as const), pubkey }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("delete" as const), pubkey }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("refuse" as const), nth: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("flush" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reconnect" as const) }) },
);

test("after any story a relay listens for exactly the keys asked for, each once, in packs that fit", () => {
  let splits = 0;
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.array(step, { minLength: 20, maxLength: 120 }),
      (capacity, story) => {
        const subscriptions = new Subscriptions(capacity);
        const wanted = new Set<string>();
        let touched = new Set<string>();
        let relay = new Relay();

        const flush = (all: boolean) => {
          const changes = subscriptions.flush(all);
          if (!all) {
            for (const { id, pubkeys } of changes.request) {
              const before = relay.open.get(id);
              const changed = [...(before ?? []), ...pubkeys].some((key) => touched.has(key));
              // A key that came and went in between has been in some pack, which may be sent again.
              const passing = [...touched].some((key) => !wanted.has(key));
              expect(before === undefined || changed || passing, `${id} sent again unchanged`).toBe(true);
            }
          }
          relay.take(changes);
          touched = new Set();
          expect([...relay.open.values()].flat().sort()).toEqual([...wanted].sort());
          expect(subscriptions.size).toBe(relay.open.size);
          for (const [id, pubkeys] of relay.open) {
            expect(subscriptions.has(id)).toBe(true);
            expect(pubkeys.length).toBeGreaterThan(0);
            expect(pubkeys.length).toBeLessThanOrEqual(capacity);
          }
          expect(subscriptions.flush()).toEqual({ request: [], close: [] });
        };

        for (const what of story) {
          if (what.do === "add") {
            subscriptions.add(what.pubkey);
            wanted.add(what.pubkey);
            touched.add(what.pubkey);
          } else if (what.do === "delete") {
            subscriptions.delete(what.pubkey);
            wanted.delete(what.pubkey);
            touched.add(what.pubkey);
          } else if (what.do === "refuse") {
            const id = [...relay.open.keys()][what.nth % Math.max(1, relay.open.size)];
            if (id === undefined) continue;
            const before = subscriptions.size;
            relay.open.delete(id);
            subscriptions.refused(id);
            for (const keys of relay.open.values()) for (const key of keys) touched.add(key);
            if (subscriptions.size > before) splits += 1;
          } else {
            if (what.do === "reconnect") relay = new Relay();
            flush(what.do === "reconnect");
          }
        }
        flush(false);
      },
    ),
    { numRuns: 200 },
  );
  expect(splits).toBeGreaterThan(20);
});

const filled = (keys: number): { subscriptions: Subscriptions; sent: Changes } => {
  const subscriptions = new Subscriptions();
  for (let n = 0; n < keys; n++) subscriptions.add(`k${n}`);
  return { subscriptions, sent: subscriptions.flush() };
};
const sizes = ({ request }: Changes) => request.map(({ pubkeys }) => pubkeys.length);

test("packs a thousand keys into one subscription", () => {
  expect(sizes(filled(2_500).sent)).toEqual([1_000, 1_000, 500]);
});

test("one more key sends one subscription again, under its id", () => {
  const { subscriptions, sent } = filled(2_500);
  subscriptions.add("another");
  const { request, close } = subscriptions.flush();
  expect(close).toEqual([]);
  expect(request.map(({ id }) => id)).toEqual([sent.request[2]?.id]);
  expect(sizes({ request, close })).toEqual([501]);
});

test("a key more in a pack that lost one takes its place", () => {
  const { subscriptions } = filled(2_000);
  subscriptions.delete("k0");
  subscriptions.add("another");
  expect(sizes(subscriptions.flush())).toEqual([1_000]);
  expect(subscriptions.size).toBe(2);
});

test("the last key of a subscription closes it", () => {
  const { subscriptions, sent } = filled(1);
  subscriptions.delete("k0");
  expect(subscriptions.flush()).toEqual({ request: [], close: [sent.request[0]?.id] });
});

test("what comes and goes between two flushes is never said", () => {
  const { subscriptions } = filled(0);
  subscriptions.add("k");
  subscriptions.delete("k");
  expect(subscriptions.flush()).toEqual({ request: [], close: [] });
});

test("a refusal halves the packs until the relay takes them", () => {
  const { subscriptions, sent } = filled(1_000);
  const relay = new Relay();
  const most = 256;
  let pending = sent;
  for (let round = 0; round < 10; round++) {
    relay.take(pending);
    const refused = [...relay.open].filter(([, pubkeys]) => pubkeys.length > most).map(([id]) => id);
    if (refused.length === 0) break;
    for (const id of refused) {
      relay.open.delete(id);
      subscriptions.refused(id);
    }
    pending = subscriptions.flush();
  }
  expect([...relay.open.values()].map(({ length }) => length)).toEqual([250, 250, 250, 250]);
});

test("a single key that is refused is asked for again", () => {
  const { subscriptions, sent } = filled(1);
  const id = sent.request[0]?.id ?? "";
  subscriptions.refused(id);
  expect(subscriptions.flush()).toEqual({ request: [{ id, pubkeys: ["k0"] }], close: [] });
});

test("the refusal of an unknown subscription changes nothing", () => {
  const { subscriptions } = filled(3);
  subscriptions.refused("of somebody else");
  expect(subscriptions.flush()).toEqual({ request: [], close: [] });
});

test("a refusal of no more than the relay has taken before is no reason to pack smaller", () => {
  const subscriptions = new Subscriptions();
  for (let index = 0; index < 500; index++) subscriptions.add(`key ${index}`);
  const [first] = subscriptions.flush().request;
  subscriptions.confirmed(first?.id ?? "");
  subscriptions.refused(first?.id ?? "");
  expect(subscriptions.flush().request).toEqual([first]);
});
