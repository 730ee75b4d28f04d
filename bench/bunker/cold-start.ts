/** How soon a worker serves its keys, with what connections, and what each key costs in memory. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Bench, countFailed } from "./bench.ts";
import { startWorkerServer, type WorkerOptions, type WorkerServer } from "./worker-server.ts";

/** Keys that are asked, spread over all, where memory is measured: a client that is known takes some as well. */
export const SAMPLE = 100;

export interface ColdStart {
  keys: number;
  /** Milliseconds from the start of the scan to the first reply, and until the relay listens for all keys. */
  first: number;
  heard: number;
  /** The same until all have replied, where every key is asked. */
  answered: number;
  sockets: number;
  subscriptions: number;
  memory: Memory;
  failed: number;
}

/** Bytes. */
export interface Memory {
  rss: number;
  heap: number;
}

/** Starts a worker on so many keys, once while requests to some of them wait at the relay, and once to all. */
export const measureColdStart = async (
  bench: Bench,
  keys: number,
  settleSeconds: number,
): Promise<ColdStart> => {
  const database = await bench.databases.create(keys);
  const { worker, first, heard, failed } = await start(bench, database, keys, Math.min(keys, SAMPLE));
  const { sockets, subscriptions } = await bench.relay.call("opened");
  const memory = await settled(worker, settleSeconds);
  await worker.end();
  const full = await start(bench, database, keys, keys);
  await full.worker.end();
  const { answered } = full;
  return { keys, first, heard, answered, sockets, subscriptions, memory, failed: failed + full.failed };
};

const start = async (
  bench: Bench,
  database: WorkerOptions["database"],
  keys: number,
  count: number,
): Promise<Pick<ColdStart, "first" | "heard" | "answered" | "failed"> & { worker: WorkerServer }> => {
  const { relay, load, relayUrl, keep } = bench;
  await relay.call("reset");
  const of = Array.from({ length: count }, (_, index) => Math.floor((index * keys) / count));
  await load.call("open", { relay: relayUrl, of });
  await load.call("prepare", count);
  const asking = load.call("run", { count, rate: Number.POSITIVE_INFINITY });
  const worker = await keep(startWorkerServer({ database, relay: relayUrl }));
  const [scanAt, answers, heardAt] = await Promise.all([
    worker.logged(/^scanning$/),
    asking,
    relay.call("heard", keys),
  ]);
  return {
    worker,
    first: answers.firstReplyAt - scanAt,
    heard: heardAt - scanAt,
    answered: answers.lastReplyAt - scanAt,
    failed: await countFailed(bench, answers),
  };
};

/** The memory of a worker without keys. */
export const measureEmpty = async (
  { databases, relayUrl, keep }: Bench,
  settleSeconds: number,
): Promise<Memory> => {
  const worker = await keep(startWorkerServer({ database: await databases.create(0), relay: relayUrl }));
  await worker.logged(/^started 0 bunkers$/);
  const memory = await settled(worker, settleSeconds);
  await worker.end();
  return memory;
};

/** The least within a while: what was garbage is gone by then. */
const settled = async (worker: WorkerServer, seconds: number): Promise<Memory> => {
  const least = { rss: Number.POSITIVE_INFINITY, heap: Number.POSITIVE_INFINITY };
  for (let second = 0; second < seconds; second++) {
    await sleep(1_000);
    const samples = await worker.metrics();
    least.rss = Math.min(least.rss, samples.get("process_resident_memory_bytes") ?? Number.NaN);
    least.heap = Math.min(least.heap, samples.get("nodejs_heap_size_used_bytes") ?? Number.NaN);
  }
  return least;
};
