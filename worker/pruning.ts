/**
 * Deletes what is too old: rows of the audit log, ids of events that will not be delivered again, workers that have
 * died. Several processes may do so at once: each deletes what it finds.
 */
import type { Database } from "./db/open.ts";
import type { Logger } from "./log.ts";

const PRUNE_EVERY_MS = 3_600_000;
/** Rows deleted by one statement, so that none holds its locks for long. */
const ROWS_PER_DELETE = 1_000;
const DAY_MS = 86_400_000;
/** Longer than events are fresh, whatever clocks say. */
const HANDLED_MS = 600_000;

/** Keeps the audit log of the last `days`; looks at once and then every hour. A failure waits for the next look. */
export const keepPruned = (
  prisma: Database["prisma"],
  days: number,
  log: Logger,
  now: () => number,
): { close(): void } => {
  let closed = false;

  const prune = async (): Promise<void> => {
    const before = now() - days * DAY_MS;
    let pruned = 0;
    try {
      for (let deleted = ROWS_PER_DELETE; deleted === ROWS_PER_DELETE && !closed; pruned += deleted) {
        const { count } = await prisma.auditLog.deleteMany({
          where: { at: { lt: before } },
          limit: ROWS_PER_DELETE,
        });
        deleted = count;
      }
      await prisma.handled.deleteMany({ where: { at: { lt: now() - HANDLED_MS } } });
      await prisma.workers.deleteMany({ where: { dead: true, expires: { lt: now() - HANDLED_MS } } });
    } catch (error) {
      if (!closed) log.warn({ err: error }, "the audit log could not be pruned");
    }
    if (pruned > 0) log.info({ rows: pruned }, `pruned ${pruned} rows of the audit log`);
  };

  void prune();
  const timer = setInterval(() => void prune(), PRUNE_EVERY_MS);
  return {
    close: () => {
      closed = true;
      clearInterval(timer);
    },
  };
};
