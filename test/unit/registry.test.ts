import fc from "fast-check";
import { expect, test } from "vitest";
import { difference } from "../../worker/registry.ts";

const stateOf = (npub: string, tokens: number) => ({
  npub,
  tokens,
  expiry: 0,
  invalid: 0,
  relays: [],
  greet: false,
});
const npubs = fc.subarray(["a", "b", "c", "d", "e", "f"]).map((ids) => new Set(ids));

test("what starts, stays and stops leads from what runs to what has tokens, touching nothing else", () => {
  fc.assert(
    fc.property(npubs, npubs, npubs, (read, live, running) => {
      const states = [...read].map((npub) => stateOf(npub, live.has(npub) ? 1 : 0));
      const { start, stay, stop } = difference(states, (npub) => running.has(npub));
      const after = new Set([...running].filter((npub) => !stop.includes(npub)));
      for (const { npub } of start) {
        expect(after.has(npub)).toBe(false);
        after.add(npub);
      }
      for (const npub of read) expect(after.has(npub)).toBe(live.has(npub));
      for (const npub of running) if (!read.has(npub)) expect(after.has(npub)).toBe(true);
      expect(stay.map(({ npub }) => npub)).toEqual(
        [...read].filter((npub) => live.has(npub) && running.has(npub)),
      );
    }),
  );
});

test("starts in the order in which keys were found", () => {
  const states = ["c", "a", "b"].map((npub) => stateOf(npub, 1));
  expect(difference(states, (npub) => npub === "a").start.map(({ npub }) => npub)).toEqual(["c", "b"]);
});
