import type { Logger } from "pino";

/** A database that does not answer is an error after this long, so that nothing waits for ever. */
export const CONNECT_TIMEOUT_MS = 8_000;
export const QUERY_TIMEOUT_MS = 15_000;
const CLOSE_TIMEOUT_MS = 2_000;

/** One dedicated session: what it sets, locks and listens to lasts until it ends. */
export interface SqlClient {
  /**
   * Runs one statement with `$1`-style values, or several without values (then no rows come back).
   * A statement that takes longer than `timeoutMs` rejects and ends the session, whose state is then unknown.
   */
  query(
    sql: string,
    values?: readonly unknown[],
    timeoutMs?: number,
  ): Promise<readonly Record<string, unknown>[]>;
  /** Calls back with the payload of each notification that the session has been told to LISTEN to. */
  onNotification(listener: (payload: string) => void): void;
  /** Resolves with the reason once the session has ended, also by `close()`. Never rejects. */
  readonly ended: Promise<Error>;
  /** Ends the session. Never rejects and never takes longer than 2 s. */
  close(): Promise<void>;
}

/** What the clients of `pg` and of `@neondatabase/serverless` have in common, and sessions need. */
export interface DriverClient {
  connect(): Promise<unknown>;
  query(sql: string, values?: unknown[]): Promise<{ rows?: Record<string, unknown>[] }>;
  end(): Promise<void>;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "end", listener: () => void): unknown;
  on(event: "notification", listener: (notification: { payload?: string | undefined }) => void): unknown;
}

/**
 * Connects a driver's client and wraps it, so that both drivers behave the same.
 * `destroy` cuts the connection without a goodbye. `place` names the server in errors (no credentials).
 * Rejects with an Error that names the place and the reason.
 */
export async function startSession(
  client: DriverClient,
  destroy: () => void,
  place: string,
  log: Logger,
): Promise<SqlClient> {
  let end: (reason: Error) => void = () => {};
  const ended = new Promise<Error>((resolve) => {
    end = resolve;
  });
  // Without a listener an 'error' event would end the process.
  client.on("error", (error) => {
    log.debug({ place, reason: describe(error) }, "database session failed");
    end(error);
  });
  client.on("end", () => end(new Error(`the connection to the database at ${place} was closed`)));

  try {
    await within(client.connect(), CONNECT_TIMEOUT_MS, "no answer");
  } catch (error) {
    destroy();
    throw new Error(`cannot connect to the database at ${place}: ${describe(error)}`, { cause: error });
  }

  return {
    ended,
    async query(sql, values, timeoutMs = QUERY_TIMEOUT_MS) {
      const running = values === undefined ? client.query(sql) : client.query(sql, [...values]);
      try {
        return (await within(running, timeoutMs, "timed out")).rows ?? [];
      } catch (error) {
        if (error instanceof TimeoutError) {
          destroy();
          end(new Error(`the database at ${place} does not answer`));
        }
        throw error;
      }
    },
    onNotification(listener) {
      client.on("notification", ({ payload }) => listener(payload ?? ""));
    },
    async close() {
      // The client of a session that has ended already may wait for its end once more.
      await within(Promise.race([client.end(), ended]), CLOSE_TIMEOUT_MS, "timed out").catch(() => {});
      destroy();
      end(new Error("closed"));
    },
  };
}

class TimeoutError extends Error {}

/** Rejects with a TimeoutError if `promise` has not settled after `ms`; it may still settle later, unheard. */
export async function within<T>(promise: Promise<T>, ms: number, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const expire = () => reject(new TimeoutError(`${message} after ${ms} ms`));
    // Of a process that stood still timers come first: what has arrived in the meantime is read before they count.
    timer = setTimeout(() => setImmediate(expire), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The reason in words: Node's error for a host with several addresses has an empty message. */
export function describe(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") {
    return error.errors.map(describe).join("; ");
  }
  return error instanceof Error ? error.message || error.name : String(error);
}
