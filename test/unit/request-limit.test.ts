import { expect, test } from "vitest";
import { RequestLimit } from "../../edge/request-limit.ts";

const LIMIT = { window: 60_000, max: 3 };
const START = 1_700_000_000_000;

test("so many in a window, which begins with the first; then it says when the next begins", () => {
  const limit = new RequestLimit();
  const take = (seconds: number) => limit.take("one", START + seconds * 1_000, LIMIT);
  expect([0, 10, 20, 20, 45.5, 59.999].map(take)).toEqual([0, 0, 0, 40, 14.5, 0.001]);
  expect([60, 60, 60, 60].map(take)).toEqual([0, 0, 0, 60]);
});

test("one address's haste is no other's", () => {
  const limit = new RequestLimit();
  for (let i = 0; i < LIMIT.max; i += 1) limit.take("one", START, LIMIT);
  expect(limit.take("one", START, LIMIT)).toBe(60);
  expect(limit.take("other", START, LIMIT)).toBe(0);
});

test("remembers a bounded number of addresses, those that came last", () => {
  const limit = new RequestLimit();
  const exhaust = (address: string) => {
    for (let i = 0; i < LIMIT.max; i += 1) limit.take(address, START, LIMIT);
  };
  exhaust("first");
  for (let i = 0; i < 15_000; i += 1) exhaust(`early ${i}`);
  expect(limit.take("first", START, LIMIT)).toBe(60);
  for (let i = 0; i < 10_000; i += 1) exhaust(`late ${i}`);
  expect(limit.take("first", START, LIMIT)).toBe(0);
  expect(limit.take("late 0", START, LIMIT)).toBe(60);
});
