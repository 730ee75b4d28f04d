import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Cadence } from "../../worker/cadence.ts";

let gathered: number[];
let tidied: number[];
let cadence: Cadence;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  [gathered, tidied] = [[], []];
  cadence = new Cadence(
    () => gathered.push(performance.now()),
    () => tidied.push(performance.now()),
  );
});
afterEach(() => {
  cadence.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** One change each millisecond for a while. */
const change = (milliseconds: number, keysRepeated: number) => {
  for (let n = 0; n < milliseconds; n++) {
    const before = gathered.length;
    cadence.gatherSoon();
    vi.advanceTimersByTime(1);
    if (gathered.length > before) cadence.told(keysRepeated);
  }
};

test("the first change is told of at once, and those that follow four times a second", () => {
  change(1, 0);
  expect(gathered).toHaveLength(1);
  change(1_000, 0);
  expect(gathered.length).toBeGreaterThanOrEqual(4);
  expect(gathered.length).toBeLessThanOrEqual(5);
  vi.advanceTimersByTime(1_000);
  change(1, 0);
  expect(gathered.at(-1)).toBeGreaterThan(2_000);
});

test("what was gathered in vain holds up nothing", () => {
  cadence.gatherNow();
  change(1, 0);
  expect(gathered).toHaveLength(2);
});

test("the more is sent again for it, the less often", () => {
  change(10_000, 1_000);
  expect(gathered.length).toBeGreaterThanOrEqual(39);
  gathered = [];
  change(10_000, 10_000);
  expect(gathered.length).toBeLessThanOrEqual(6);
  expect(gathered.length).toBeGreaterThanOrEqual(4);
});

test("what can wait is done once for all that has come meanwhile", () => {
  for (let n = 0; n < 9; n++) {
    cadence.tidyLater();
    vi.advanceTimersByTime(1_000);
  }
  expect(tidied).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(tidied).toHaveLength(1);
  vi.advanceTimersByTime(60_000);
  expect(tidied).toHaveLength(1);
});
