import { beforeEach, expect, test } from "vitest";
import { Pulse } from "../../web/client/pulse.ts";
import { arrived } from "../../web/client/quality.ts";
import { HandTiming } from "./hand-timing.ts";

let timing: HandTiming;
let count: number | undefined;
let hasMedia: boolean;
let told: (boolean | undefined)[];
let pulse: Pulse;
beforeEach(() => {
  timing = new HandTiming();
  count = 100;
  hasMedia = true;
  told = [];
  const host = {
    count: async () => count,
    hasMedia: () => hasMedia,
    changed: () => told.push(pulse.isHeard),
  };
  pulse = new Pulse(host, timing);
});

/** So many seconds pass, with so much coming in each half of one. */
async function pass(seconds: number, gain = 0): Promise<void> {
  // Each count is told in a turn of its own.
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  await settle();
  for (let half = 0; half < seconds * 2; half += 1) {
    if (count !== undefined) count += gain;
    timing.pass(500);
    await settle();
  }
}

test("it is known as soon as something comes after the first look, and 2 s after nothing comes any more", async () => {
  pulse.watch(true);
  await pass(0.5, 1);
  expect(pulse.isHeard).toBeUndefined();
  await pass(0.5, 1);
  expect(pulse.isHeard).toBe(true);
  await pass(10, 1);
  await pass(1.5);
  expect(told).toEqual([true]);
  await pass(0.5);
  expect(told).toEqual([true, false]);
  await pass(0.5, 1);
  expect(told).toEqual([true, false, true]);
});

test("of who is gone it is known 2 s after the first look, and what was still on its way proves nothing", async () => {
  pulse.watch(true);
  await pass(0.5, 1);
  await pass(1.5);
  expect(told).toEqual([]);
  await pass(0.5);
  expect(told).toEqual([false]);
});

test("who sends no media is heard every 2.5 s only", async () => {
  hasMedia = false;
  pulse.watch(true);
  for (let time = 0; time < 5; time += 1) {
    await pass(3);
    await pass(0.5, 1);
  }
  expect(told).toEqual([true]);
  await pass(4);
  expect(told).toEqual([true, false]);
});

test("where it is not known whether anything comes, nothing is claimed", async () => {
  count = undefined;
  pulse.watch(true);
  await pass(30);
  expect(told).toEqual([]);
});

test("what is not watched is not known, and no timer runs", async () => {
  pulse.watch(true);
  await pass(1, 1);
  pulse.watch(false);
  expect(pulse.isHeard).toBeUndefined();
  expect(timing.pending).toEqual([]);
  // One that was asked for before.
  pulse.watch(true);
  pulse.watch(false);
  await pass(1, 1);
  expect(timing.pending).toEqual([]);
  expect(told).toEqual([true]);
});

const stats = (pair: object) =>
  new Map<string, unknown>([
    ["t", { id: "t", type: "transport", selectedCandidatePairId: "p" }],
    ["p", { id: "p", type: "candidate-pair", ...pair }],
  ]);

test("what counts as coming: media and data, and ICE where the browser tells", () => {
  const ice = { bytesReceived: 1_000, responsesReceived: 3, requestsReceived: 4 };
  expect(arrived(stats(ice), false)).toBe(1_007);
  expect(arrived(stats({ bytesReceived: 1_000 }), true)).toBe(1_000);
  expect(arrived(stats({ bytesReceived: 1_000 }), false)).toBeUndefined();
  expect(arrived(new Map(), true)).toBeUndefined();
});
