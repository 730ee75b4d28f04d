import { expect, test } from "vitest";
import { UnderWay } from "../../worker/under-way.ts";

/** Whether it has resolved once all that can go on without waiting has. */
const isDone = async (waiting: Promise<void>): Promise<boolean> => {
  let done = false;
  void waiting.then(() => {
    done = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return done;
};

test("nothing is under way at first", async () => {
  const underWay = new UnderWay();
  expect(underWay.size).toBe(0);
  await underWay.done();
});

test("what was under way is waited for, in whatever order it ends", async () => {
  const underWay = new UnderWay();
  const [first, second] = [underWay.begin(), underWay.begin()];
  const waiting = underWay.done();
  expect(underWay.size).toBe(2);
  underWay.end(second);
  expect(await isDone(waiting)).toBe(false);
  underWay.end(first);
  expect(await isDone(waiting)).toBe(true);
  expect(underWay.size).toBe(0);
});

test("what begins later is not", async () => {
  const underWay = new UnderWay();
  const early = underWay.begin();
  const waiting = underWay.done();
  const late = underWay.begin();
  underWay.end(early);
  expect(await isDone(waiting)).toBe(true);
  expect(await isDone(underWay.done())).toBe(false);
  underWay.end(late);
  await underWay.done();
});

test("who waits later waits for all that is left, also from before an earlier wait", async () => {
  const underWay = new UnderWay();
  const first = underWay.begin();
  const waiting = underWay.done();
  const [alone, between] = [underWay.done(), underWay.begin()];
  const last = underWay.done();
  underWay.end(between);
  expect(await isDone(last)).toBe(false);
  expect(await isDone(alone)).toBe(false);
  underWay.end(first);
  expect(await isDone(waiting)).toBe(true);
  expect(await isDone(alone)).toBe(true);
  expect(await isDone(last)).toBe(true);
});
