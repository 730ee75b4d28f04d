/** What every measurement has around it: databases, a relay and the clients, each in a process of its own. */
import { type Databases, startDatabases } from "./database.ts";
import type { Answers, LoadCalls } from "./load.ts";
import { type Program, startProgram } from "./program.ts";
import type { RelayCalls } from "./relay.ts";

export interface Bench {
  databases: Databases;
  relay: Program<RelayCalls>;
  load: Program<LoadCalls>;
  relayUrl: string;
  /** Sees to it that a part ends with the bench, however that ends. */
  keep: Keep;
  /** Tells of progress. */
  say(text: string): void;
}
type Keep = <Part extends { end(): Promise<void> }>(part: Part | Promise<Part>) => Promise<Part>;

export const startBench = async (parts: AsyncDisposableStack, say: Bench["say"]): Promise<Bench> => {
  const keep: Keep = async (part) => {
    // Also one that is just starting.
    parts.defer(async () => (await Promise.resolve(part).catch(() => undefined))?.end());
    return part;
  };
  say("starting PostgreSQL, the relay and the clients");
  const databases = await keep(startDatabases());
  const relay = await keep(startProgram<RelayCalls>("relay"));
  const load = await keep(startProgram<LoadCalls>("load"));
  return { databases, relay, load, relayUrl: await relay.call("url"), keep, say };
};

/** Requests of the last run without the one right answer that was due, as far as a sample can tell what is right. */
export const countFailed = async (
  { load }: Pick<Bench, "load">,
  { sent, answered, unexpected }: Answers,
): Promise<number> => sent - answered + unexpected + (await load.call("wrong"));
