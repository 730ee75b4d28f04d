import fc from "fast-check";
import { matchFilters, type Filter as NostrFilter } from "nostr-tools/filter";
import { expect, test } from "vitest";
import { readFilter } from "../../edge/relay/filter.ts";
import { Subscriptions } from "../../edge/relay/subscriptions.ts";
import type { NostrEvent } from "../../protocol/nostr.ts";

/** Few values, so that filters and events often meet. */
const hex = fc.constantFrom(..."abcd").map((digit) => digit.repeat(64));
const kind = fc.integer({ min: 20_000, max: 20_003 });
const time = fc.integer({ min: 1, max: 5 });
const word = fc.constantFrom("x", "y", "z");
const some = <T>(value: fc.Arbitrary<T>) => fc.array(value, { maxLength: 3 });

const filter: fc.Arbitrary<NostrFilter> = fc.record(
  {
    ids: some(hex),
    authors: some(hex),
    kinds: some(kind),
    "#p": some(hex),
    "#e": some(hex),
    "#t": some(word),
    since: time,
    until: time,
    limit: fc.nat(3),
  },
  { requiredKeys: [] },
);

const tag = fc.oneof(
  fc.tuple(fc.constantFrom("p", "e"), hex),
  fc.tuple(fc.constant("t"), word),
  fc.tuple(fc.constantFrom("p", "alt")),
);

const event: fc.Arbitrary<NostrEvent> = fc.record({
  id: hex,
  pubkey: hex,
  kind,
  created_at: time,
  tags: fc.array(tag, { maxLength: 4 }),
  content: fc.constant(""),
  sig: fc.constant("0".repeat(128)),
});

const step = fc.record({
  owner: fc.constantFrom("alice", "bob"),
  id: fc.constantFrom("1", "2", "3"),
  // None: the subscription is closed.
  filters: fc.option(fc.array(filter, { minLength: 1, maxLength: 3 }), { nil: undefined }),
});

const parsed = (filters: NostrFilter[]) =>
  filters.map((input) => {
    const result = readFilter(input);
    if (typeof result === "string") throw new Error(result);
    return result;
  });

test("an event finds the subscriptions that nostr-tools says it matches, each once", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 12 }),
      fc.array(event, { minLength: 1, maxLength: 5 }),
      (steps, events) => {
        const subscriptions = new Subscriptions<string>();
        const open = new Map<string, NostrFilter[]>();
        for (const { owner, id, filters } of steps) {
          if (filters) {
            subscriptions.set(owner, id, parsed(filters));
            open.set(`${owner} ${id}`, filters);
          } else {
            expect(subscriptions.delete(owner, id)).toBe(open.delete(`${owner} ${id}`));
          }
        }
        for (const each of events) {
          const found = Array.from(subscriptions.matching(each), ({ owner, id }) => `${owner} ${id}`);
          const expected = [...open]
            .filter(([, filters]) => matchFilters(filters, each))
            .map(([name]) => name);
          expect(found.sort()).toEqual(expected.sort());
        }
      },
    ),
    { numRuns: 2_000 },
  );
});

test("what is open is counted, and nothing is left when it is closed", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), event, (steps, each) => {
      const subscriptions = new Subscriptions<string>();
      const open = new Map<string, NostrFilter[]>();
      for (const { owner, id, filters } of steps) {
        if (filters) {
          subscriptions.set(owner, id, parsed(filters));
          open.set(`${owner} ${id}`, filters);
        } else {
          subscriptions.delete(owner, id);
          open.delete(`${owner} ${id}`);
        }
      }
      const all = [...open.values()].flat();
      expect(subscriptions.total).toEqual({
        subscriptions: open.size,
        values: all.flatMap((each) => Object.values(each).filter(Array.isArray).flat()).length,
        broad: all.filter((each) => each["#p"] === undefined).length,
      });
      subscriptions.deleteAll("alice");
      subscriptions.deleteAll("bob");
      const nothing = { subscriptions: 0, values: 0, broad: 0 };
      expect(subscriptions.total).toEqual(nothing);
      expect(subscriptions.load("alice")).toEqual(nothing);
      expect([...subscriptions.matching(each)]).toEqual([]);
    }),
  );
});
