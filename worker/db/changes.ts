import { setTimeout as sleep } from "node:timers/promises";
import { type Logger, sayGathered } from "../log.ts";
import type { Database } from "./open.ts";
import { describe, type SqlClient, within } from "./session.ts";

/** The channel that the triggers of prisma/migrations announce on. */
const CHANNEL = "satoshigle_keys";

export interface ChangeHandlers {
  /** A row of `Keys` or `ConnectTokens` with this npub was inserted, updated or deleted; `*` for any of `Stops`. */
  onChange(npub: string): void;
  /**
   * Whether changes are being heard. Between `false` and `true` any number may have been missed, and the
   * first `true` comes only once LISTEN is established: read everything again on each `true`.
   */
  onHealth(listening: boolean): void;
}

/** In milliseconds. The wait between attempts starts at `retryMin` and doubles up to `retryMax`. */
const TIMING = { heartbeat: 5_000, heartbeatTimeout: 5_000, retryMin: 250, retryMax: 2_000 };

/**
 * Listens for changes until closed, connecting again for ever. A connection that is gone without a word
 * (a cut cable, a suspended Neon compute) is noticed by a query every few seconds. Never throws.
 */
export function watchChanges(
  database: Pick<Database, "connect">,
  handlers: ChangeHandlers,
  log: Logger,
  timing = TIMING,
): { close(): Promise<void> } {
  const closing = new AbortController();
  const { signal } = closing;
  const sayFailed = sayGathered((count, reason: string) =>
    log.warn({ reason, count }, "cannot listen for changes of keys"),
  );
  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => {});

  async function watch(): Promise<void> {
    let retry = timing.retryMin;
    while (!signal.aborted) {
      try {
        const client = await database.connect();
        try {
          await listen(client);
          retry = timing.retryMin;
          tell(() => handlers.onHealth(true));
          log.debug("listening for changes of keys");
          const reason = await Promise.race([client.ended, beat(client)]);
          if (!signal.aborted) {
            tell(() => handlers.onHealth(false));
            log.warn({ reason: describe(reason) }, "lost the listener for changes of keys");
          }
        } finally {
          await client.close();
        }
      } catch (error) {
        sayFailed(describe(error));
      }
      await pause(retry);
      retry = Math.min(retry * 2, timing.retryMax);
    }
  }

  async function listen(client: SqlClient): Promise<void> {
    client.onNotification((npub) => {
      if (!signal.aborted) tell(() => handlers.onChange(npub));
    });
    await client.query(`LISTEN ${CHANNEL}`);
  }

  /** Resolves with the reason when the session stops answering, or when the watch is closed. */
  async function beat(client: SqlClient): Promise<unknown> {
    try {
      while (!signal.aborted) {
        await pause(timing.heartbeat);
        if (!signal.aborted) await client.query("SELECT 1", undefined, timing.heartbeatTimeout);
      }
      return "closed";
    } catch (error) {
      return error;
    }
  }

  /** A fault of the caller must not end the watch. */
  function tell(handler: () => void): void {
    try {
      handler();
    } catch (error) {
      log.error({ reason: describe(error) }, "a handler of key changes failed");
    }
  }

  const watching = watch();
  return {
    /** Takes 2 s at most: an attempt to connect that is still under way then ends on its own. */
    async close() {
      closing.abort();
      await within(watching, 2_000, "timed out").catch(() => {});
    },
  };
}
