import { expect, test } from "vitest";
import { fuzzEdge } from "../fuzz/edge/fuzz.ts";

test("some thousands of hostile frames disturb nobody (npm run fuzz:edge: a million)", async () => {
  const { troubles, frames, said, heard } = await fuzzEdge({ seed: 1, frames: 4_000 });
  expect(troubles).toEqual([]);
  expect(Math.min(frames.native, frames["socket.io"])).toBeGreaterThan(500);
  expect(Math.min(...said)).toBeGreaterThan(4);
  expect(heard).toBeGreaterThan(0);
});
