import { expect, test } from "vitest";
import { TwoLaneQueue } from "../../worker/queue.ts";

test("who is known does not wait behind strangers, and strangers are not shut out", () => {
  const queue = new TwoLaneQueue<string>();
  for (let n = 0; n < 20; n++) queue.push(`stranger ${n}`, false);
  for (let n = 0; n < 20; n++) queue.push(`known ${n}`, true);
  const order = Array.from({ length: 40 }, () => queue.take());
  expect(order.indexOf("known 6")).toBe(6);
  expect(order.indexOf("known 19")).toBeLessThan(24);
  expect(order.indexOf("stranger 0")).toBeLessThan(8);
  expect(new Set(order).size).toBe(40);
  expect(queue.take()).toBeUndefined();
});

test("a lane that is full turns away, and leaves the other open", () => {
  const queue = new TwoLaneQueue<number>();
  for (let n = 0; n < 2_000; n++) expect(queue.push(n, false)).toBe(true);
  expect(queue.push(0, false)).toBe(false);
  expect(queue.push(0, true)).toBe(true);
});
