/** What a command works with: the database, opened for it and let go of in any case. */
import { existsSync } from "node:fs";
import { pino } from "pino";
import pretty from "pino-pretty";
import { type Config, DATA_FOLDER, readConfig } from "../config.ts";
import { openMigrated } from "../database.ts";
import type { Database } from "../db/open.ts";
import { describe } from "../db/session.ts";
import { Failure, INTERRUPTED } from "./failure.ts";
import type { Output } from "./output.ts";

export interface Operator {
  prisma: Database["prisma"];
  config: Config;
  out: Output;
}
/** Runs a command once the database is open. */
export type Run = (command: (operator: Operator) => Promise<void>) => Promise<void>;

const SIGNALS = { SIGINT: INTERRUPTED, SIGTERM: 143, SIGHUP: 129 } as const;
/** After a signal the database is let go of; should that hang, it ends without. */
const GRACE_MS = 8_000;

/**
 * Runs a command with the database of the configuration. Rejects with its failure, or when a signal ends
 * it; everything is released by then. Every write of a command is one statement, so it may end anywhere.
 */
export const operate = async (out: Output, command: (operator: Operator) => Promise<void>): Promise<void> => {
  const config = readConfig();
  if (!config.database.url && !existsSync(DATA_FOLDER)) {
    throw new Failure(
      `DATABASE_URL is not set, and there is no ${DATA_FOLDER}/ in this folder.\n` +
        "Set DATABASE_URL to the database of the worker, or go to the folder where `npm run dev` runs.",
    );
  }
  const releases: (() => unknown)[] = [];
  const interruption = new AbortController();
  const interrupted = new Promise<never>((_, reject) => {
    interruption.signal.addEventListener("abort", () => reject(interruption.signal.reason));
  });
  // It may come when nobody waits for it any more.
  interrupted.catch(() => {});
  catchSignals(interruption);
  const work = async () => {
    const { prisma } = await openMigrated(config.database, createLog(), {
      onShutdown: (_name, release) => releases.unshift(release),
      stop: (code, reason) => {
        interruption.abort(new Failure(describe(reason), code));
        return interrupted;
      },
    });
    await command({ prisma, config, out });
  };
  try {
    await Promise.race([work(), interrupted]);
  } finally {
    for (const release of releases) await release();
  }
};

/** A terminal's Ctrl-C may arrive twice, once from npm: only the first of a signal counts. */
const catchSignals = (interruption: AbortController): void => {
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      if (interruption.signal.aborted) return;
      setTimeout(() => process.exit(code), GRACE_MS).unref();
      interruption.abort(new Failure("", code));
    });
  }
};

/** Standard output is for results. */
const createLog = () =>
  pino(
    { level: "warn", base: null },
    pretty({ sync: true, destination: 2, ignore: "time,pid,hostname", singleLine: true }),
  );
