import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { inStep, Pace } from "../../worker/pace.ts";

/** A pace by a clock that goes on by what is computed, and by nothing else. */
const createPace = () => {
  let now = 1_000;
  const pace = new Pace(() => now);
  /** Has these take a turn each, at once, with two steps of so many milliseconds: their names in the order of the steps. */
  const takeTurns = async (names: string, milliseconds: number): Promise<string> => {
    const order: string[] = [];
    const take = async (name: string) => {
      await pace.turn();
      for (const next of [inStep, inStep]) {
        order.push(name);
        now += milliseconds;
        await next();
      }
    };
    await Promise.all([...names].map(take));
    return order.join("");
  };
  return { pace, takeTurns };
};

const CHEAP_MS = 0.05;
/** As many as it takes until nothing dear is expected any more. */
const MANY = "x".repeat(1_500);

test("what is cheap goes in step by eights, the next when these are done", async () => {
  const { takeTurns } = createPace();
  await takeTurns(MANY, CHEAP_MS);
  expect(await takeTurns("abcdefghij", CHEAP_MS)).toBe("abcdefghabcdefghijij");
});

test("what is dear goes one by one, and others get their turns in between", async () => {
  const { takeTurns } = createPace();
  await takeTurns(MANY, CHEAP_MS);
  await takeTurns("x", 3);
  let others = 0;
  let busy = true;
  const counting = (async () => {
    for (; busy; others++) await nextTurn();
  })();
  expect(await takeTurns("abcd", 3)).toBe("aabbccdd");
  busy = false;
  await counting;
  expect(others).toBeGreaterThanOrEqual(3);
});

test("no more go in step than take a slice, by the dearest of late", async () => {
  const { takeTurns } = createPace();
  await takeTurns(MANY, 0.5);
  expect(await takeTurns("abcdefgh", 0.5)).toBe("abcdeabcdefghfgh");
});

test("hundreds of cheap ones do not make one forget that there are dear ones", async () => {
  const { takeTurns } = createPace();
  await takeTurns("xxxx", 3);
  await takeTurns("x".repeat(300), 0);
  expect(await takeTurns("abcd", 3)).toBe("aabbccdd");
});

test("who asks for none gets one", async () => {
  const { pace, takeTurns } = createPace();
  expect(await pace.turn(0)).toBe(1);
  expect(await takeTurns("ab", CHEAP_MS)).toHaveLength(4);
});

test("before anything is known of what it costs, it goes one by one", async () => {
  expect(await createPace().takeTurns("ab", 1)).toBe("aabb");
});

test("who asks for many shares a turn with others, in the order of asking", async () => {
  const { pace, takeTurns } = createPace();
  await takeTurns(MANY, CHEAP_MS);
  const granted = Promise.all([1, 3, 100, 2, 1].map((wanted) => pace.turn(wanted)));
  expect(await granted).toEqual([1, 3, 4, 2, 1]);
});

test("who waits for something else in a turn holds up nobody", async () => {
  const { pace, takeTurns } = createPace();
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const held = pace.turn().then(() => released);
  expect(await takeTurns("ab", CHEAP_MS)).toHaveLength(4);
  release();
  await held;
});
