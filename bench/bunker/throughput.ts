/** How many requests a server answers for a second of its CPU time, and how fast at half of what it can. */
import type { Bench } from "./bench.ts";
import type { Answers } from "./load.ts";
import type { Usage } from "./program.ts";

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

/** Loads a server that serves the first so many keys: in full, and then by half. */
export const measureThroughput = async (
  { relay, load, relayUrl }: Bench,
  server: { usage(): Promise<Usage> },
  { keys, window, seconds }: Effort,
): Promise<Throughput> => {
  await load.call("open", { relay: relayUrl, of: Array.from({ length: keys }, (_, index) => index) });
  let failed = 0;
  const run = async (count: number, how: { window: number } | { rate: number }): Promise<Answers> => {
    const answers = await load.call("run", { count, ...how });
    failed += count - answers.answered + answers.unexpected + answers.wrong;
    return answers;
  };
  /** As many as the server was last seen to do in this time. */
  const enough = async ({ answered, seconds: took }: Answers, share: number): Promise<number> => {
    const count = keys + Math.ceil((answered / took) * seconds * share);
    await load.call("prepare", count);
    return count;
  };
  await load.call("prepare", keys);
  const cold = await run(keys, { window });
  const warm = await run(await enough(cold, 0.2), { window });
  const warmer = await run(await enough(warm, 0.5), { window });

  const count = await enough(warmer, 1);
  const before = await Promise.all([server, relay, load].map((program) => program.usage()));
  const full = await run(count, { window });
  const after = await Promise.all([server, relay, load].map((program) => program.usage()));
  const [own = 0, ...others] = after.map(
    ({ cpuSeconds }, index) => cpuSeconds - (before[index]?.cpuSeconds ?? 0),
  );

  const perSecond = full.answered / full.seconds;
  const half = await run(await enough(full, 0.5), { rate: perSecond / 2 });
  return {
    perCore: full.answered / own,
    perSecond,
    p50: half.p50,
    p99: half.p99,
    serverShare: own / full.seconds,
    othersShare: others.reduce((sum, each) => sum + each) / full.seconds,
    failed,
  };
};
