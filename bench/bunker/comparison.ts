/** The worker with each backend of its cryptography, NDK's signer, and the cryptography alone: side by side. */
import type { CryptoName } from "../../worker/crypto/crypto.ts";
import type { Bench } from "./bench.ts";
import type { CeilingCalls } from "./ceiling.ts";
import type { NdkCalls } from "./ndk-server.ts";
import { startProgram } from "./program.ts";
import { type Effort, measureThroughput, type Throughput } from "./throughput.ts";
import { startWorkerServer } from "./worker-server.ts";

export interface Comparison {
  ndk: Throughput;
  worker: {
    crypto: CryptoName;
    throughput: Throughput /** Requests a second of CPU time. */;
    ceiling: number;
  }[];
}

export const compare = async (
  bench: Bench,
  cryptos: readonly CryptoName[],
  effort: Effort,
  profiles?: string,
): Promise<Comparison> => {
  const { relay, keep, say, databases, relayUrl } = bench;
  say("NDK's signer");
  const program = await keep(startProgram<NdkCalls>("ndk-server"));
  await program.call("start", { relay: relayUrl, keys: effort.keys });
  await relay.call("heard", effort.keys);
  const ndk = await measureThroughput(bench, program, effort);
  await program.end();

  const worker: Comparison["worker"] = [];
  for (const crypto of cryptos) {
    say(`the cryptography alone: ${crypto}`);
    const alone = await keep(startProgram<CeilingCalls>("ceiling"));
    const ceiling = await alone.call("measure", { crypto, seconds: effort.seconds / 2 });
    await alone.end();

    say(`the worker: ${crypto}`);
    const database = await databases.create(effort.keys);
    await relay.call("reset");
    const server = await keep(startWorkerServer({ database, relay: relayUrl, crypto, profiles }));
    await server.logged(/^started \d+ bunkers$/);
    await relay.call("heard", effort.keys);
    worker.push({ crypto, throughput: await measureThroughput(bench, server, effort), ceiling });
    await server.end();
  }
  return { ndk, worker };
};
