/** Signs requests beside the load, so that sending is not held up: `{pairs, count, from}` in, frames out. */
import { parentPort } from "node:worker_threads";
import { newPair, type Pair, signRequest } from "./people.ts";

const pairs: Pair[] = [];
parentPort?.on("message", ({ of, from, count }: { of: number[]; from: number; count: number }) => {
  const frames = Array.from({ length: count }, (_, index) => {
    const who = of[(from + index) % of.length] ?? 0;
    pairs[who] ??= newPair(who);
    return signRequest(pairs[who], `request ${from + index}`);
  });
  parentPort?.postMessage(frames);
});
