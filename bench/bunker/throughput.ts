/** What a request costs a server of CPU time, how many it answers, and how fast at half of what it can. */

import type { Usage } from "../program.ts";
import { type Bench, countFailed } from "./bench.ts";
import type { Answers } from "./load.ts";

export interface Throughput {
  /** Seconds of the server's CPU time that a request took, in each round. */
  costs: number[];
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
  rounds: number;
  /** How long each takes. */
  seconds: number;
}

/**
 * What passes uncounted before, in rounds: it takes that long until V8 has compiled what a server does all the time as
 * well as it ever will, and a server that runs for weeks is to be known by what it does then.
 */
const WARM_UP = [1, 3, 4, 4];
/** How long half load lasts, in rounds. */
const HALF_LOAD = 6;

/**
 * Loads a server that serves the first so many keys: in full, and then by half. Full load comes in rounds, with what it
 * is compared with in between, so that both meet the same machine.
 */
export const measureThroughput = async (
  bench: Bench,
  server: { usage(): Promise<Usage> },
  { keys, window, rounds, seconds }: Effort,
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
  for (const length of WARM_UP) {
    await between?.(length * seconds, false);
    const count = await prepare(last, length * seconds);
    last = await check(await load.call("run", { count, window }));
  }

  const cpuSeconds = async () =>
    (await Promise.all([server, relay, load].map((program) => program.usage()))).map((it) => it.cpuSeconds);
  const costs: number[] = [];
  let [answered, took, own, others] = [0, 0, 0, 0];
  while (costs.length < rounds) {
    await between?.(seconds, true);
    const count = await prepare(last, seconds);
    const before = await cpuSeconds();
    last = await load.call("run", { count, window });
    const spent = (await cpuSeconds()).map((after, index) => after - (before[index] ?? 0));
    await check(last);
    answered += last.answered;
    took += last.seconds;
    const [ofServer = 0, ...ofOthers] = spent;
    costs.push(ofServer / last.answered);
    own += ofServer;
    others += ofOthers.reduce((sum, each) => sum + each, 0);
  }
  const perSecond = answered / took;
  const count = await prepare(last, HALF_LOAD * seconds);
  const half = await check(await load.call("run", { count, rate: perSecond / 2 }));
  return {
    costs,
    perSecond,
    p50: half.p50,
    p99: half.p99,
    serverShare: own / took,
    othersShare: others / took,
    failed,
  };
};
