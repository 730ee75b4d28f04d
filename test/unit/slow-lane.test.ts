import { availableParallelism } from "node:os";
import { setImmediate as nextTurn } from "node:timers/promises";
import { pino } from "pino";
import { expect, test } from "vitest";
import { SlowLane } from "../../worker/slow-lane.ts";

const MOST = Math.max(1, Math.min(4, availableParallelism() - 1));

test("opens all in their order, few at a time, and tells how far it is", async () => {
  const said: string[] = [];
  const log = pino({}, { write: (line: string) => said.push(JSON.parse(line).msg) });
  const begun: number[] = [];
  const finish: (() => void)[] = [];
  const lane = new SlowLane<number>((item) => {
    begun.push(item);
    return new Promise((resolve) => finish.push(resolve));
  }, log);
  for (let item = 0; item < 12; item++) lane.add(item);
  for (let done = 0; done < 12; done++) {
    expect(begun.length).toBe(Math.min(12, done + MOST));
    finish[done]?.();
    await nextTurn();
  }
  expect(begun).toEqual(Array.from({ length: 12 }, (_, item) => item));
  expect(said).toContainEqual(expect.stringMatching(/^opening key \d+ of 12 that a passphrase encrypts$/));
  expect(said.length).toBeLessThan(12);
  lane.add(12);
  expect(begun.at(-1)).toBe(12);
});

test("what waits is not opened any more once that is over", async () => {
  const begun: number[] = [];
  const finish: (() => void)[] = [];
  const lane = new SlowLane<number>(
    (item) => {
      begun.push(item);
      return new Promise((resolve) => finish.push(resolve));
    },
    pino({ level: "silent" }),
  );
  for (let item = 0; item < 9; item++) lane.add(item);
  lane.clear();
  for (const end of finish) end();
  await nextTurn();
  expect(begun.length).toBe(MOST);
});
