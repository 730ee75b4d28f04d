/** The worker with each backend of its cryptography, NDK's signer, and the cryptography alone: side by side. */
import type { CryptoName } from "../../worker/crypto/crypto.ts";
import { type Program, startProgram } from "../program.ts";
import { say } from "../session.ts";
import type { Bench } from "./bench.ts";
import type { CeilingCalls } from "./ceiling.ts";
import type { NdkCalls } from "./ndk-server.ts";
import { type Effort, measureThroughput, type Throughput } from "./throughput.ts";
import { startWorkerServer } from "./worker-server.ts";

export interface Comparison {
  ndk: Throughput;
  worker: Row[];
  /** Why others could not be measured here. */
  missing: string[];
}
interface Row {
  crypto: CryptoName;
  throughput: Throughput;
  /** Seconds of CPU time that the cryptography of a request takes alone, in each round. */
  bare: number[];
}

export const compare = async (
  bench: Bench,
  cryptos: readonly CryptoName[],
  effort: Effort,
  profiles?: string,
): Promise<Comparison> => {
  const { relay, relayUrl, keep } = bench;
  say("NDK's signer");
  const program = await keep(startProgram<NdkCalls>(new URL("ndk-server.ts", import.meta.url)));
  await program.call("start", { relay: relayUrl, keys: effort.keys });
  await relay.call("heard", effort.keys);
  const ndk = await measureThroughput(bench, program, effort);
  await program.end();

  const worker: Comparison["worker"] = [];
  const missing: string[] = [];
  for (const crypto of new Set(cryptos)) {
    const alone = await keep(startProgram<CeilingCalls>(new URL("ceiling.ts", import.meta.url)));
    const lack = await alone.call("use", crypto);
    if (lack === null) worker.push(await measure(bench, crypto, alone, effort, profiles));
    else {
      say(lack);
      missing.push(lack);
    }
    await alone.end();
  }
  return { ndk, worker, missing };
};

const measure = async (
  bench: Bench,
  crypto: CryptoName,
  alone: Program<CeilingCalls>,
  effort: Effort,
  profiles: string | undefined,
): Promise<Row> => {
  const { databases, relay, relayUrl, keep } = bench;
  say(`the worker and the cryptography alone: ${crypto}`);
  const database = await databases.create(effort.keys);
  await relay.call("reset");
  const server = await keep(startWorkerServer({ database, relay: relayUrl, crypto, profiles }));
  await server.logged(/^started \d+ bunkers?$/);
  await relay.call("heard", effort.keys);
  const bare: number[] = [];
  const throughput = await measureThroughput(bench, server, effort, async (seconds, isWarm) => {
    const cost = await alone.call("measure", seconds);
    if (isWarm) bare.push(cost);
  });
  await server.end();
  return { crypto, throughput, bare };
};
