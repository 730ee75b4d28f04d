import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Farewell } from "../../worker/farewell.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const unused = () => {
  throw new Error("a key that takes its leave is not used here");
};

const setUp = () => {
  const silent: string[] = [];
  const destroyed: string[] = [];
  const farewell = new Farewell(
    (pubkeys) => silent.push(...pubkeys),
    () => Date.now(),
  );
  const add = (pubkey: string) => {
    const destroy = () => {
      destroyed.push(pubkey);
    };
    farewell.add(`npub of ${pubkey}`, { pubkey, sign: unused, encrypt: unused, decrypt: unused, destroy });
  };
  return { farewell, add, silent, destroyed };
};

test("a key takes its leave for a minute, and its secret is forgotten then", () => {
  const { farewell, add, silent, destroyed } = setUp();
  add("a");
  vi.advanceTimersByTime(30_000);
  add("b");
  vi.advanceTimersByTime(29_000);
  expect(farewell.get("a")?.npub).toBe("npub of a");
  expect(silent).toEqual([]);
  vi.advanceTimersByTime(2_000);
  expect([silent, destroyed]).toEqual([["a"], ["a"]]);
  vi.advanceTimersByTime(30_000);
  expect([silent, destroyed]).toEqual([
    ["a", "b"],
    ["a", "b"],
  ]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a key that stays after all is handed over as it was", () => {
  const { farewell, add, silent, destroyed } = setUp();
  add("a");
  expect(farewell.take("a")?.pubkey).toBe("a");
  expect(farewell.take("a")).toBeUndefined();
  vi.advanceTimersByTime(120_000);
  expect([silent, destroyed]).toEqual([[], []]);
});

test("those that left first give way to keys that are served", () => {
  const { farewell, add, silent } = setUp();
  for (let n = 0; n < 1_500; n++) add(String(n));
  farewell.giveWay(8_500);
  expect(silent).toEqual([]);
  farewell.giveWay(8_502);
  expect(silent).toEqual(["0", "1"]);
  farewell.giveWay(10_000);
  expect(farewell.size).toBe(0);
  for (let n = 0; n < 1_500; n++) add(String(n));
  farewell.giveWay(12_300);
  expect(farewell.size).toBe(700);
});
