/** Whether the database answers, in finite time, however many ask. */
import type { Database } from "./db/open.ts";
import { within } from "./db/session.ts";

const TIMEOUT_MS = 2_000;

/**
 * Asks the database one question at a time: a frozen one would otherwise hold a connection of the pool for
 * each that asks.
 */
export const databaseProbe = (prisma: Database["prisma"]): (() => Promise<boolean>) => {
  let underWay: Promise<unknown> | undefined;
  return async () => {
    underWay ??= prisma.$queryRaw`SELECT 1`.finally(() => {
      underWay = undefined;
    });
    return within(underWay, TIMEOUT_MS, "no answer").then(
      () => true,
      () => false,
    );
  };
};
