/** An extension that comes after the page. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keep } from "../../web/nostr/keep.ts";
import { restore, type Watch } from "../../web/nostr/main.ts";
import { stubLocalStorage } from "../support/local-storage.ts";
import { HandTiming } from "./hand-timing.ts";

const WATCH: Watch = { stillWaiting: () => {}, approveAt: () => {}, isAway: () => false };
const extension = { getPublicKey: async () => "ab".repeat(32), signEvent: async () => ({}) };

beforeEach(() => {
  stubLocalStorage();
  keep({ by: "extension" });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test("is waited for", async () => {
  const timing = new HandTiming();
  const restored = restore(WATCH, timing);
  timing.pass(1_500);
  vi.stubGlobal("nostr", extension);
  timing.pass(100);
  expect(await restored).toBeDefined();
  expect(timing.pending).toEqual([]);
});

test("is waited for 5 s, and no longer", async () => {
  const timing = new HandTiming();
  const restored = restore(WATCH, timing);
  timing.pass(4_900);
  expect(timing.pending).toHaveLength(1);
  timing.pass(100);
  expect(timing.pending).toEqual([]);
  await expect(restored).rejects.toMatchObject({ problem: { is: "no-extension" } });
});

test("that is there is asked at once", async () => {
  vi.stubGlobal("nostr", extension);
  const timing = new HandTiming();
  expect(await restore(WATCH, timing)).toBeDefined();
  expect(timing.pending).toEqual([]);
});
