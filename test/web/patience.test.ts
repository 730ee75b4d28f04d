import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { patiently } from "../../web/nostr/patience.ts";

const NEVER = new Promise<string>(() => {});
const NO_ANSWER = { problem: { is: "no-answer" } };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const watch = (isAway = () => false) => ({ stillWaiting: vi.fn(), approveAt: () => {}, isAway });

/** Seconds after which it is given up; none within the first hour: undefined. */
const secondsUntilGivenUp = async (waiting: Promise<unknown>): Promise<number | undefined> => {
  let isOver = false;
  waiting.catch(() => {
    isOver = true;
  });
  for (let seconds = 0; seconds <= 3_600; seconds += 1) {
    if (isOver) return seconds;
    await vi.advanceTimersByTimeAsync(1_000);
  }
  return undefined;
};

test("an answer ends the waiting, whatever it is", async () => {
  expect(await patiently(Promise.resolve("yes"), watch())).toBe("yes");
  await expect(patiently(Promise.reject(new Error("no")), watch())).rejects.toThrow("no");
  expect(vi.getTimerCount()).toBe(0);
});

test("the person is told after a while, once, and it is given up after 30 s", async () => {
  const watched = watch();
  const waiting = patiently(NEVER, watched);
  waiting.catch(() => {});
  await vi.advanceTimersByTimeAsync(7_900);
  expect(watched.stillWaiting).not.toHaveBeenCalled();
  expect(await secondsUntilGivenUp(waiting)).toBe(23);
  expect(watched.stillWaiting).toHaveBeenCalledOnce();
  await expect(waiting).rejects.toMatchObject(NO_ANSWER);
  expect(vi.getTimerCount()).toBe(0);
});

test("the time that the person is elsewhere does not count", async () => {
  let isAway = true;
  const watched = watch(() => isAway);
  const waiting = patiently(NEVER, watched);
  expect(await secondsUntilGivenUp(waiting)).toBeUndefined();
  expect(watched.stillWaiting).not.toHaveBeenCalled();
  isAway = false;
  expect(await secondsUntilGivenUp(waiting)).toBe(30);
});

test("it may turn out meanwhile that a person has to be waited for", async () => {
  let most = 30;
  const waiting = patiently(NEVER, watch(), () => most);
  waiting.catch(() => {});
  await vi.advanceTimersByTimeAsync(29_000);
  most = 300;
  expect(await secondsUntilGivenUp(waiting)).toBe(271);
});
