/** What clients notice while workers that share the keys die, freeze, leave and join. */
import { setTimeout as sleep } from "node:timers/promises";
import { SHARDS } from "../../worker/leases/shards.ts";
import { startProgram } from "../program.ts";
import { say } from "../session.ts";
import type { Bench } from "./bench.ts";
import type { SteadyCalls, Tale } from "./steady-clients.ts";
import { startWorkerServer, type WorkerServer } from "./worker-server.ts";

/** Milliseconds between two looks at who holds what, and that it may take until everything is shared. */
const LOOK_MS = 100;
const SHARING_MS = 60_000;

export interface HandoverEffort {
  keys: number;
  /** Requests a second. */
  rate: number;
  /** How long a worker is frozen; and how long each event is followed, once the keys are shared again. */
  freezeSeconds: number;
  calmSeconds: number;
}

export interface HandoverEvent extends Tale {
  /** Milliseconds until the keys were shared evenly among those that were there, where that was looked at. */
  sharedAfter: number | undefined;
}

export const measureHandover = async (bench: Bench, effort: HandoverEffort): Promise<HandoverEvent[]> => {
  const { databases, relay, relayUrl, keep } = bench;
  const { keys, rate, freezeSeconds, calmSeconds } = effort;
  const database = await databases.create(keys);
  const clients = await keep(startProgram<SteadyCalls>(new URL("steady-clients.ts", import.meta.url)));
  await clients.call("open", { relay: relayUrl, keys });
  const join = () => keep(startWorkerServer({ database, relay: relayUrl }));
  const [killed, frozen, leaving] = await Promise.all([join(), join(), join()]);
  await shared([killed, frozen, leaving]);
  await relay.call("heard", keys);

  const took = new Map<string, number>();
  /** Has something happen, and waits until those who are there then hold everything, and a while longer. */
  const meanwhile = async (event: string, happen: () => unknown, there: () => readonly WorkerServer[]) => {
    say(event);
    await clients.call("mark", event);
    const begun = performance.now();
    await happen();
    await shared(there());
    took.set(event, performance.now() - begun);
    await sleep(calmSeconds * 1_000);
  };
  await clients.call("start", rate);
  await meanwhile(
    "three workers",
    () => {},
    () => [killed, frozen, leaving],
  );
  await meanwhile(
    "one is killed with -9",
    () => killed.end("SIGKILL"),
    () => [frozen, leaving],
  );
  const freeze = `one is frozen for ${freezeSeconds} s`;
  say(freeze);
  await clients.call("mark", freeze);
  frozen.signal("SIGSTOP");
  await sleep(freezeSeconds * 1_000);
  await meanwhile(
    "it goes on",
    () => frozen.signal("SIGCONT"),
    () => [frozen, leaving],
  );
  await meanwhile(
    "one is stopped",
    () => leaving.end(),
    () => [frozen],
  );
  const joining: WorkerServer[] = [];
  await meanwhile(
    "one joins",
    async () => joining.push(await join()),
    () => [frozen, ...joining],
  );
  // What it has answered is among the replies of one that died before: those have to be asked for anew.
  await meanwhile(
    "which is killed as well",
    () => Promise.all(joining.map((worker) => worker.end("SIGKILL"))),
    () => [frozen],
  );
  const tales = await clients.call("stop");
  await frozen.end();
  return tales.map((tale) => ({ ...tale, sharedAfter: took.get(tale.event) }));
};

/** Resolves when each of these holds its share of the key space, and all of them the whole. */
const shared = async (workers: readonly WorkerServer[]): Promise<void> => {
  const share = Math.floor(SHARDS / workers.length);
  for (let left = SHARING_MS; left > 0; left -= LOOK_MS) {
    const held = await Promise.all(
      workers.map(async (worker) => (await worker.metrics()).get("satoshigle_shards_held") ?? 0),
    );
    if (held.reduce((sum, each) => sum + each) === SHARDS && Math.min(...held) >= share) return;
    await sleep(LOOK_MS);
  }
  throw new Error(`${workers.length} workers do not share the keys`);
};
