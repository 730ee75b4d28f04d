/** What every measurement has around it: databases, a relay and the clients, each in a process of its own. */

import { type Program, startProgram } from "../program.ts";
import { type Keep, say } from "../session.ts";
import { type Databases, startDatabases } from "./database.ts";
import type { Answers, LoadCalls } from "./load.ts";
import type { RelayCalls } from "./relay.ts";

export interface Bench {
  databases: Databases;
  relay: Program<RelayCalls>;
  load: Program<LoadCalls>;
  relayUrl: string;
  keep: Keep;
}

export const startBench = async (keep: Keep): Promise<Bench> => {
  say("starting PostgreSQL, the relay and the clients");
  const databases = await keep(startDatabases());
  const relay = await keep(startProgram<RelayCalls>(new URL("relay.ts", import.meta.url)));
  const load = await keep(startProgram<LoadCalls>(new URL("load.ts", import.meta.url)));
  return { databases, relay, load, relayUrl: await relay.call("url"), keep };
};

/** Requests of the last run without the one right answer that was due, as far as a sample can tell what is right. */
export const countFailed = async (
  { load }: Pick<Bench, "load">,
  { sent, answered, unexpected }: Answers,
): Promise<number> => sent - answered + unexpected + (await load.call("wrong"));
