import fc from "fast-check";
import { expect, test } from "vitest";
import { MatchingStory, randomNumbers } from "../support/matching-story.ts";

test("pairs whom the plain rules pair, at every step of any story", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 20 }),
      fc.array(fc.integer({ min: 1 }), { minLength: 50, maxLength: 400 }),
      (size, steps) => {
        const story = new MatchingStory(size);
        for (const step of steps) story.step(randomNumbers(step));
      },
    ),
    { numRuns: 300 },
  );
});

/** Another run: MATCHING_SEED=2 npx vitest run test/unit/matching-random.test.ts */
const SEED = Number(process.env["MATCHING_SEED"] ?? 1);

test("the same for two million events", { timeout: 120_000 }, () => {
  const seen: MatchingStory["seen"] = {
    events: 0,
    pairs: 0,
    met: 0,
    shared: 0,
    byTime: 0,
    mostWaiting: 0,
    inVain: 0,
  };
  for (let number = 0; seen.events < 2_000_000; number += 1) {
    const random = randomNumbers(SEED * 10_000 + number);
    const story = new MatchingStory(3 + (number % 9));
    try {
      for (let step = 0; step < 10_000; step += 1) story.step(random);
    } catch (error) {
      throw new Error(`seed ${SEED}, story ${number}, event ${story.seen.events}`, { cause: error });
    }
    for (const key of Object.keys(seen) as (keyof typeof seen)[]) {
      seen[key] = key === "mostWaiting" ? Math.max(seen[key], story.seen[key]) : seen[key] + story.seen[key];
    }
  }
  expect(seen.pairs).toBeGreaterThan(200_000);
  expect(seen.met).toBeGreaterThan(20_000);
  expect(seen.shared).toBeGreaterThan(100_000);
  expect(seen.byTime).toBeGreaterThan(50_000);
  expect(seen.mostWaiting).toBeGreaterThan(8);
  expect(seen.inVain, "woken for nobody").toBeLessThan(seen.byTime);
});
