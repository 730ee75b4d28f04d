/** How many requests a server answers for a second of its CPU time, and how fast at half of what it can. */

import type { Usage } from "../program.ts";
import { type Bench, countFailed } from "./bench.ts";
import type { Answers } from "./load.ts";

export interface Throughput {
  /** Requests a second of the server's CPU time. */
  perCore: number;
  /** Requests a second. */
  perSecond: number;
  /** Milliseconds at half of that. */
  p50: number;
  p99: number;
  /** CPU time of the server, and of relay and clients, as shares of one core, while the server was loaded in full. */
  serverShare: number;
  othersShare: number;
  /** Requests without the one right answer that was due. */
  failed: number;
}

export interface Effort {
  /** Keys, each with a client of its own. */
  keys: number;
  /** Requests under way at a time. */
  window: number;
  /** How long each measurement takes. */
  seconds: number;
}

/**
 * Full load comes in rounds, with what it is compared with in between, so that both meet the same machine. Shorter
 * ones would count more of how a server begins, ends, and renders the metrics that tell of its CPU time.
 */
const ROUNDS = 6;

/**
 * What passes uncounted before, as shares of the measured time: it takes that long until V8 has compiled what a server
 * does all the time as well as it ever will, and a server that runs for weeks is to be known by what it does then.
 */
const WARM_UP = [0.2, 0.5, 0.7, 0.7];

/** Loads a server that serves the first so many keys: in full, and then by half. */
export const measureThroughput = async (
  bench: Bench,
  server: { usage(): Promise<Usage> },
  { keys, window, seconds }: Effort,
  between?: (seconds: number, isWarm: boolean) => Promise<void>,
): Promise<Throughput> => {
  const { relay, load, relayUrl } = bench;
  await load.call("open", { relay: relayUrl, of: Array.from({ length: keys }, (_, index) => index) });
  let failed = 0;
  const check = async (answers: Answers): Promise<Answers> => {
    failed += await countFailed(bench, answers);
    return answers;
  };
  /** Signs as many as the server takes this long for, going by what it did last. */
  const prepare = async ({ answered, seconds: took }: Answers, runSeconds: number): Promise<number> => {
    const count = keys + Math.ceil((answered / took) * runSeconds);
    await load.call("prepare", count);
    return count;
  };
  await load.call("prepare", keys);
  let last = await check(await load.call("run", { count: keys, window }));
  for (const share of WARM_UP) {
    await between?.(share * seconds, false);
    const count = await prepare(last, share * seconds);
    last = await check(await load.call("run", { count, window }));
  }

  const cpuSeconds = async () =>
    (await Promise.all([server, relay, load].map((program) => program.usage()))).map((it) => it.cpuSeconds);
  let [answered, took, own, others] = [0, 0, 0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    await between?.(seconds / ROUNDS, true);
    const count = await prepare(last, seconds / ROUNDS);
    const before = await cpuSeconds();
    last = await load.call("run", { count, window });
    const spent = (await cpuSeconds()).map((after, index) => after - (before[index] ?? 0));
    await check(last);
    answered += last.answered;
    took += last.seconds;
    own += spent[0] ?? 0;
    others += spent.slice(1).reduce((sum, each) => sum + each, 0);
  }
  const perSecond = answered / took;
  const count = await prepare(last, seconds / 2);
  const half = await check(await load.call("run", { count, rate: perSecond / 2 }));
  return {
    perCore: answered / own,
    perSecond,
    p50: half.p50,
    p99: half.p99,
    serverShare: own / took,
    othersShare: others / took,
    failed,
  };
};
