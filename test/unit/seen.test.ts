import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { nameOf, Seen } from "../../worker/seen.ts";

const named = (n: number): number => nameOf(createHash("sha256").update(String(n)).digest("hex"));
const TIME_MS = 1_000;

const step = fc.oneof(
  fc.record({ add: fc.integer({ min: 0, max: 30 }) }),
  fc.record({ wait: fc.integer({ min: 0, max: 700 }) }),
  fc.record({ forget: fc.integer({ min: 0, max: 30 }) }),
);

test("what was added is known for the time at least, and not for ever", () => {
  let [known, forgotten] = [0, 0];
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (story) => {
      let now = 0;
      const seen = new Seen({ timeMs: TIME_MS, most: 1_000, now: () => now });
      const added = new Map<number, number>();
      for (const what of story) {
        if ("wait" in what) now += what.wait;
        else if ("add" in what) {
          seen.add(named(what.add));
          added.set(what.add, now);
        } else {
          seen.delete(named(what.forget));
          added.delete(what.forget);
        }
        for (let n = 0; n <= 30; n++) {
          const age = now - (added.get(n) ?? Number.NEGATIVE_INFINITY);
          if (age <= TIME_MS) expect(seen.has(named(n)), `${n}, ${age} ms old`).toBe(true);
          if (age === Number.POSITIVE_INFINITY) expect(seen.has(named(n))).toBe(false);
        }
      }
      // Something has to be added for something to go.
      now += TIME_MS + TIME_MS / 2;
      seen.add(named(-1));
      now += TIME_MS / 2;
      seen.add(named(-1));
      for (const n of added.keys()) expect(seen.has(named(n))).toBe(false);
      known += seen.has(named(-1)) ? 1 : 0;
      forgotten += added.size;
    }),
  );
  expect(known).toBeGreaterThan(0);
  expect(forgotten).toBeGreaterThan(50);
});

test("a flood shortens the time, and takes no more memory than is allowed", () => {
  const seen = new Seen({ timeMs: TIME_MS, most: 400, now: () => 0 });
  for (let n = 0; n < 10_000; n++) seen.add(named(n));
  const known = Array.from({ length: 10_000 }, (_, n) => n).filter((n) => seen.has(named(n)));
  expect(known.length).toBeLessThanOrEqual(600);
  expect(known.length).toBeGreaterThanOrEqual(400);
  expect(known).toEqual(Array.from({ length: known.length }, (_, n) => 10_000 - known.length + n));
});

test("names that were chosen to lie together make nobody search for long", () => {
  const COUNT = 15_000;
  const time = (names: number[]): number => {
    const seen = new Seen({ timeMs: TIME_MS, most: 2 * COUNT, now: () => 0 });
    const begun = performance.now();
    for (const name of names.slice(0, COUNT)) seen.add(name);
    const found = names.slice(COUNT).filter((name) => seen.has(name));
    expect(found).toEqual([]);
    return performance.now() - begun;
  };
  const numbers = Array.from({ length: 2 * COUNT }, (_, n) => n + 1);
  const honest = numbers.map(named);
  time(honest);
  // In a table that takes the lowest bits each would have to pass by all that came before it.
  const chosen = numbers.map((n) => 2 ** 45 + n * 2 ** 20);
  expect(time(chosen)).toBeLessThan(20 * time(honest));
});

test("a deleted name leaves no gap before one that lies behind it", () => {
  for (let n = 0; n < 100; n++) {
    const seen = new Seen({ timeMs: TIME_MS, most: 4, now: () => 0 });
    const [first, second] = [named(n), named(n + 1_000)];
    for (const name of [first, second]) seen.add(name);
    seen.delete(first);
    expect([first, second].map((name) => seen.has(name))).toEqual([false, true]);
  }
});
