import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Handled } from "../../worker/bunker.ts";
import { createRouter, ended, later, REPLY, REQUEST } from "../support/router.ts";

test.each<[string, () => Promise<Handled>]>([
  [
    "throws",
    () => {
      throw new Error("at once");
    },
  ],
  [
    "rejects",
    async () => {
      throw new Error("later");
    },
  ],
])("a bunker that %s fails one request and no other", async (_, fail) => {
  let first = true;
  const { pass } = createRouter(async () => {
    if (!first) return ended("answered");
    first = false;
    return fail();
  });
  expect(await pass(REQUEST, later(1))).toEqual({ failed: 1, answered: 1 });
});

test("a request that waits does not hold up the next", async () => {
  const done: string[] = [];
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const [slow, quick] = [later(1), later(2)];
  const { pass } = createRouter(async (event) => {
    if (event.id === slow.id) await released;
    else release();
    done.push(event.id);
    return ended("answered");
  });
  await pass(slow, quick);
  expect(done).toEqual([quick.id, slow.id]);
});

test("what arrives in the moment in which the last one ends is handled too", async () => {
  const next = later(1);
  let resolve = () => {};
  const both = new Promise<void>((done) => {
    resolve = done;
  });
  const { router, handled } = createRouter(async (event) => {
    if (event.id === next.id) resolve();
    else await Promise.resolve().then(() => router.receive(next));
    return ended("answered");
  });
  router.receive(REQUEST);
  await both;
  expect(handled).toEqual([REQUEST.id, next.id]);
});

test("above ten thousand waiting, what comes is dropped and counted", async () => {
  const { pass } = createRouter();
  const flood = Array(10_000).fill(later(-121));
  expect(await pass(...flood, REQUEST)).toEqual({ stale: 10_000, overload: 1 });
});

test("what is large counts for more, also when it holds nothing", async () => {
  const { pass } = createRouter();
  const hollow = { ...later(-121), tags: [...REQUEST.tags, ["x", ...Array(20_000).fill("")]] };
  const { stale = 0, overload = 0 } = await pass(...Array(1_000).fill(hollow));
  expect(stale + overload).toBe(1_000);
  expect(stale).toBeLessThan(150);
});

test("garbage takes no place from anyone", async () => {
  const { pass } = createRouter();
  const flood = Array(10_001).fill(null);
  expect(await pass(...flood, REQUEST)).toEqual({ garbage: 10_001, answered: 1 });
});

test("others get their turns while many events are checked", async () => {
  const { router, pass } = createRouter();
  const events = Array.from({ length: 40 }, (_, n) => later(n));
  let turns = 0;
  let busy = true;
  const others = (async () => {
    while (busy) {
      await nextTurn();
      if (router.counts.answered < events.length) turns += 1;
    }
  })();
  await pass(...events);
  busy = false;
  await others;
  expect(router.counts.answered).toBe(events.length);
  expect(turns).toBeGreaterThan(3);
});

test("draining takes nothing new, and finishes what is in hand", async () => {
  const { router, pass, published } = createRouter(async () => {
    router.receive(later(1));
    await nextTurn();
    return ended("answered");
  });
  router.receive(REQUEST);
  const drained = router.drain(2_000);
  router.receive(later(2));
  await drained;
  expect(published).toEqual([REPLY]);
  expect(await pass(later(3))).toEqual({ answered: 1 });
});

test("draining gives up on a request that never ends", async () => {
  const { router, handled } = createRouter(() => new Promise(() => {}));
  router.receive(REQUEST);
  while (handled.length === 0) await nextTurn();
  await router.drain(1);
  expect(router.counts.answered).toBe(0);
});
