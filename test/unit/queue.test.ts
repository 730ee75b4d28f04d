import { expect, test } from "vitest";
import { TwoLaneQueue } from "../../worker/queue.ts";

test("who is known does not wait behind strangers, and strangers are not shut out", () => {
  const queue = new TwoLaneQueue<{ who: string; bytes: number }>();
  for (let n = 0; n < 20; n++) queue.push({ who: `stranger ${n}`, bytes: 1 }, false);
  for (let n = 0; n < 20; n++) queue.push({ who: `known ${n}`, bytes: 1 }, true);
  const order = Array.from({ length: 40 }, () => queue.take()?.who);
  expect(order.indexOf("known 6")).toBe(6);
  expect(order.indexOf("known 19")).toBeLessThan(24);
  expect(order.indexOf("stranger 0")).toBeLessThan(8);
  expect(new Set(order).size).toBe(40);
  expect(queue.take()).toBeUndefined();
});

test("a lane that is full turns away, and leaves the other open", () => {
  const queue = new TwoLaneQueue();
  for (let n = 0; n < 10_000; n++) expect(queue.push({ bytes: 1 }, false)).toBe(true);
  expect(queue.push({ bytes: 1 }, false)).toBe(false);
  expect(queue.push({ bytes: 1 }, true)).toBe(true);
});

test("so does one that holds too much, until some of it has been taken", () => {
  const queue = new TwoLaneQueue();
  for (let n = 0; n < 250; n++) expect(queue.push({ bytes: 128_000 }, false)).toBe(true);
  expect(queue.push({ bytes: 1 }, false)).toBe(false);
  queue.take();
  expect(queue.push({ bytes: 1 }, false)).toBe(true);
});
