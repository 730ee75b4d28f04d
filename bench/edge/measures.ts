/** What is measured of each server. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Program } from "../program.ts";
import type { ClientCalls, Meetings } from "./clients/main.ts";
import type { Relayed } from "./clients/party.ts";
import { type Running, roomFor } from "./contenders.ts";

type Clients = Program<ClientCalls>;

export interface Effort {
  /** Times that two come, are matched and go. */
  meetings: number;
  /** People in matches, of whom the relayed candidates come. */
  speakers: number;
  /** Candidates relayed a second. */
  rate: number;
  /** People who exchange complete matches. */
  people: number;
  /** Of relaying, and of each kind of exchange. */
  seconds: number;
  /** People who come and search at once. */
  crowd: number;
  /** Seconds in which a server may tidy up once they have come. */
  settleSeconds: number;
}

/** Exchange comes in rounds, with the other servers' in between, so that all meet the same machine. */
export const ROUNDS = 3;

/** Complete matches. */
export interface Throughput {
  matches: number;
  seconds: number;
  /** CPU time of the server. */
  cpuSeconds: number;
}

export interface Crowd {
  sockets: number;
  /** Seconds until all were there. */
  came: number;
  /** Bytes for each. */
  memory: number;
  /** Milliseconds until all were matched. */
  matched: number;
}

export const measureMeetings = (
  clients: Clients,
  { url, contender: { dialect } }: Running,
  { meetings }: Effort,
): Promise<Meetings> => clients.call("meet", { url, dialect, times: meetings });

/** `refused`: what the server did not do, in words. */
export const measureRelay = async (
  clients: Clients,
  { url, contender: { dialect } }: Running,
  { speakers, rate, seconds }: Effort,
): Promise<{ relayed: Relayed; refused: string }> => {
  await clients.call("open", { url, dialect, count: speakers });
  await clients.call("pairUp");
  const relayed = await clients.call("relay", { rate, seconds });
  return { relayed, refused: await clients.call("leave") };
};

/** One round, after some of it for warming up. */
export const measureExchange = async (
  clients: Clients,
  { url, contender: { dialect }, usage }: Running,
  { people, seconds }: Effort,
  isBatched: boolean,
): Promise<{ throughput: Throughput; refused: string }> => {
  await clients.call("open", { url, dialect, count: people });
  await clients.call("pairUp");
  await clients.call("exchange", { seconds: seconds / ROUNDS / 4, isBatched });
  const before = await usage();
  const exchanged = await clients.call("exchange", { seconds: seconds / ROUNDS, isBatched });
  const after = await usage();
  const throughput = { ...exchanged, cpuSeconds: after.cpuSeconds - before.cpuSeconds };
  return { throughput, refused: await clients.call("leave") };
};

/** As many as can be: a server that has just been started. */
export const measureCrowd = async (
  clients: Clients,
  { url, contender, usage }: Running,
  { crowd, settleSeconds }: Effort,
): Promise<{ crowd: Crowd; refused: string }> => {
  const sockets = await roomFor(contender, crowd);
  // What the first ones cost, the server has then.
  const { dialect } = contender;
  await clients.call("open", { url, dialect, count: 2 });
  await clients.call("leave");
  const before = await usage();
  const came = await clients.call("open", { url, dialect, count: sockets });
  await sleep(settleSeconds * 1_000);
  const memory = ((await usage()).rssBytes - before.rssBytes) / sockets;
  const matched = await clients.call("pairUp");
  return { crowd: { sockets, came, memory, matched }, refused: await clients.call("leave") };
};

export const sum = (rounds: readonly Throughput[]): Throughput =>
  rounds.reduce((total, round) => ({
    matches: total.matches + round.matches,
    seconds: total.seconds + round.seconds,
    cpuSeconds: total.cpuSeconds + round.cpuSeconds,
  }));
