/** The program that scans: the worker's own scanner, with a list in the place of bunkers. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { pino } from "pino";
import { type Database, openDatabase } from "../../worker/db/open.ts";
import type { KeyState } from "../../worker/key-states.ts";
import { SHARDS } from "../../worker/leases/shards.ts";
import { Scanner } from "../../worker/scanner.ts";
import { Store } from "../../worker/store.ts";
import { serve } from "../program.ts";

export interface Scanned {
  /** Keys with a live token. */
  live: number;
  milliseconds: number;
  /** Until the first keys were there to be opened, or to be left running. */
  firstAfter: number;
  /** The longest for which nothing else had a turn. */
  longestStall: number;
  /** MB more than before, at the most. */
  memory: number;
}

const log = pino({ level: "silent" });
const MB = 1e6;
const running = new Set<string>();
let first = 0;
let database: Database;

/** A worker alone: every part of the key space is its own. */
const holdings = {
  in: () =>
    Array.from({ length: SHARDS }, (_, shard) => ({ shard, stage: "serving" as const, unlogged: null })),
  serves: () => true,
};

const bunkers = {
  counts: { running: 0, leaving: 0, broken: 0 },
  nextExpiry: Number.POSITIVE_INFINITY,
  has: (npub: string) => running.has(npub),
  beginRound: () => {},
  unseen: () => [],
  expired: () => [],
  stop: () => {},
  refresh: () => {
    first ||= performance.now();
  },
  start: async (keys: KeyState[]) => {
    first ||= performance.now();
    for (const { npub } of keys) running.add(npub);
  },
};

const calls = {
  open: async (url: string) => {
    database = await openDatabase({ url }, log);
  },
  scan: async (): Promise<Scanned> => {
    const now = () => Date.now();
    const store = new Store(database, now);
    const relays = { caughtUp: async () => {} };
    const greeter = { notice: () => {} };
    const scanner = new Scanner({ store, holdings, bunkers, relays, greeter, intervalMs: 1e9, log, now });
    const delay = monitorEventLoopDelay({ resolution: 1 });
    const before = process.memoryUsage.rss();
    let most = before;
    const watching = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss());
    }, 5);
    first = 0;
    delay.enable();
    const begun = performance.now();
    await scanner.scan();
    const milliseconds = performance.now() - begun;
    delay.disable();
    clearInterval(watching);
    await scanner.close();
    return {
      live: running.size,
      milliseconds,
      firstAfter: first - begun,
      longestStall: delay.max / 1e6,
      memory: (most - before) / MB,
    };
  },
};
export type ScanCalls = typeof calls;
serve(calls);
