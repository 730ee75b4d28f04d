/** The router of a process that shares its keys with others: what it may answer, and what they have answered. */
import { expect, test, vi } from "vitest";
import { createRouter, ended, later, REQUEST } from "../support/router.ts";

test("a reply that may not leave is dropped, and its request answered if it comes back", async () => {
  let mayAnswer = false;
  const { router, pass, published } = createRouter(undefined, { mayAnswer: () => mayAnswer });
  router.receive(REQUEST);
  await expect.poll(() => router.counts.elsewhere).toBe(1);
  expect(published).toEqual([]);
  mayAnswer = true;
  expect(await pass(REQUEST)).toEqual({ elsewhere: 1, answered: 1 });
});

test("what was answered elsewhere is not answered again", async () => {
  const { router, pass, handled } = createRouter();
  router.remember([REQUEST.id], []);
  expect(await pass(REQUEST, later(1))).toEqual({ duplicate: 1, answered: 1 });
  expect(handled).toEqual([later(1).id]);
});

test("what comes again takes no room from what is new", async () => {
  const { router, pass } = createRouter();
  router.remember([REQUEST.id], []);
  const again = Array(5_000).fill(REQUEST);
  expect(await pass(...again, later(1))).toEqual({ duplicate: 5_000, answered: 1 });
});

test("clients that others have let in do not queue with strangers, and are asked again when they were turned away", async () => {
  let asked = 0;
  const { router, pass } = createRouter(undefined, { askAgain: () => void asked++ });
  const crowd = Array(10_001).fill({ ...later(-121), pubkey: "cc".repeat(32) });
  for (const event of crowd) router.receive(event);
  router.remember([], [REQUEST.pubkey]);
  router.receive(REQUEST);
  await expect.poll(() => router.counts).toMatchObject({ answered: 1, stale: 10_000, overload: 1 });
  expect(asked).toBe(0);
  for (const event of Array(10_001).fill(later(-121))) router.receive(event);
  await expect.poll(() => asked).toBe(1);
  expect(await pass()).toEqual({ answered: 1, stale: 20_000, overload: 2 });
});

test("strangers who are too many are asked again where they have waited for a worker that takes over, and not otherwise", async () => {
  let asked = 0;
  const { router } = createRouter(undefined, { askAgain: () => void asked++ });
  const crowd = Array(10_001).fill(later(-121));
  for (const event of crowd) router.receive(event);
  await expect.poll(() => router.counts).toMatchObject({ stale: 10_000, overload: 1 });
  router.remember([], []);
  for (const event of crowd) router.receive(event);
  await expect.poll(() => router.counts).toMatchObject({ stale: 20_000, overload: 2 });
  await expect.poll(() => asked).toBe(1);
});

test("what is turned away again soon is asked for again later", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  try {
    let asked = 0;
    const { router } = createRouter(undefined, { askAgain: () => void asked++ });
    router.remember([], []);
    for (let times = 1; times <= 2; times++) {
      for (const event of Array(10_001).fill(later(-121))) router.receive(event);
      await expect.poll(() => router.counts).toMatchObject({ stale: times * 10_000, overload: times });
    }
    expect(asked).toBe(1);
    vi.advanceTimersByTime(9_000);
    expect(asked).toBe(1);
    vi.advanceTimersByTime(1_000);
    expect(asked).toBe(2);
  } finally {
    vi.useRealTimers();
  }
});

test("settles when what is in hand is done, and takes more meanwhile", async () => {
  const release: (() => void)[] = [];
  const { router } = createRouter(
    () => new Promise((resolve) => release.push(() => resolve(ended("answered")))),
  );
  router.receive(REQUEST);
  await expect.poll(() => release.length).toBe(1);
  const settled = router.settle(10_000).then(() => router.counts.answered);
  router.receive(later(1));
  await expect.poll(() => release.length).toBe(2);
  release[0]?.();
  expect(await settled).toBe(1);
  release[1]?.();
  await router.drain(10_000);
});
