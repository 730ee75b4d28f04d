import { expect, test } from "vitest";
import { pauseBefore } from "../../web/client/backoff.ts";

test("the first pause is what the server asks for, then they grow, up to 10 s; all with full jitter", () => {
  const longest = [0, 1, 2, 3, 4, 5, 6, 7, 50].map((attempt) => pauseBefore(attempt, 15, 1));
  expect(longest).toEqual([15_000, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
  expect(pauseBefore(0, 15, 0.1)).toBe(1_500);
  expect(pauseBefore(9, 15, 0.1)).toBe(1_000);
  expect(pauseBefore(9, 15, 0)).toBe(0);
});
