import { type SqlClient, within } from "./session.ts";

/** Milliseconds. What takes longer ends the session, so that a connection nobody answers on is not asked again. */
const PATIENCE_MS = 1_500;
const CLOSE_TIMEOUT_MS = 2_000;

/**
 * A session for what is asked again and again: opened when it is first needed, and again once it was lost. To ask
 * through it costs a third of what it costs through Prisma.
 */
export class StandingSession {
  #connect: () => Promise<SqlClient>;
  #session: Promise<SqlClient> | undefined;

  constructor(connect: () => Promise<SqlClient>) {
    this.#connect = connect;
  }

  /**
   * Runs one statement that changes nothing, with `$1`-style values: once more, on a new session, if this one is lost
   * over it. Rejects too while no session can be opened.
   */
  async query(sql: string, values: readonly unknown[]): Promise<readonly Record<string, unknown>[]> {
    const asked = this.session();
    const session = await asked;
    try {
      return await session.query(sql, values, PATIENCE_MS);
    } catch (error) {
      if (this.#session === asked) throw error;
      return (await this.session()).query(sql, values, PATIENCE_MS);
    }
  }

  /** The session that stands, or a new one. Rejects while none can be opened. */
  session(): Promise<SqlClient> {
    this.#session ??= this.#open();
    return this.#session;
  }

  /** Never rejects and takes 2 s at most: a session that is being opened then ends when it is open. */
  async close(): Promise<void> {
    const closed = this.#session?.then((session) => session.close());
    if (closed) await within(closed, CLOSE_TIMEOUT_MS, "timed out").catch(() => {});
  }

  #open(): Promise<SqlClient> {
    const opening = this.#connect();
    const forget = () => {
      if (this.#session === opening) this.#session = undefined;
    };
    opening.then(({ ended }) => ended.then(forget), forget);
    return opening;
  }
}
