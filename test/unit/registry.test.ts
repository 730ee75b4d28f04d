import fc from "fast-check";
import { expect, test } from "vitest";
import { difference } from "../../worker/registry.ts";

const npubs = fc.subarray(["a", "b", "c", "d", "e", "f"]).map((ids) => new Set(ids));

test("starting and stopping what it says leads from what runs to what is desired, touching nothing else", () => {
  fc.assert(
    fc.property(npubs, npubs, (desired, running) => {
      const { start, stop } = difference(desired, running);
      for (const npub of start) expect(running.has(npub)).toBe(false);
      for (const npub of stop) expect(running.has(npub)).toBe(true);
      const left = [...running].filter((npub) => !stop.includes(npub));
      expect([...left, ...start].sort()).toEqual([...desired].sort());
    }),
  );
});

test("starts in the order in which keys were found", () => {
  expect(difference(new Set(["c", "a", "b"]), new Set(["a"])).start).toEqual(["c", "b"]);
});
