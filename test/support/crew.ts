/** Several workers on one database and one relay, and who of them holds what. */
import { expect } from "vitest";
import { createStore, type TestStore } from "./bunker.ts";
import { type CappedRelay, startCappedRelay } from "./capped-relay.ts";
import { type Monitored, monitored } from "./monitoring.ts";
import { startedWorker, type Worker } from "./worker.ts";

export interface Crew {
  store: TestStore;
  /** It delivers everything again to whoever subscribes. */
  relay: CappedRelay;
  run(env?: Record<string, string>): Promise<Worker & Monitored>;
  /** To be done at the end, before everything else. */
  closing: (() => unknown)[];
  close(): Promise<void>;
}

export const startCrew = async (): Promise<Crew> => {
  const [store, relay] = await Promise.all([createStore(), startCappedRelay(1_000)]);
  const closing: Crew["closing"] = [() => store.close(), () => relay.close()];
  return {
    store,
    relay,
    closing,
    run: async (env = {}) => {
      const worker = await startedWorker({ ...store.env, RELAYS: relay.url, HTTP_PORT: "0", ...env });
      closing.push(() => worker.end("SIGKILL"));
      return Object.assign(worker, await monitored(worker));
    },
    close: async () => {
      for (const close of closing.reverse()) await close();
    },
  };
};

/** Waits until these workers serve the whole key space, each its share of it. */
export const shared = async (...workers: Monitored[]): Promise<void> => {
  const share = workers.map(
    (_, rank) => Math.floor(32 / workers.length) + Number(rank < 32 % workers.length),
  );
  const held = async () => {
    const states = await Promise.all(workers.map((worker) => worker.ready()));
    return states.map(({ state }) => state.leases.shards).sort((a, b) => b - a);
  };
  await expect.poll(held, { timeout: 20_000, interval: 20 }).toEqual(share);
};
