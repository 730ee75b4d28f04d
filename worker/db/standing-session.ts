import type { SqlClient } from "./session.ts";

/** Milliseconds. What takes longer ends the session, so that a connection nobody answers on is not asked again. */
const PATIENCE_MS = 1_500;

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
    this.#session ??= this.#open();
    const asked = this.#session;
    const session = await asked;
    try {
      return await session.query(sql, values, PATIENCE_MS);
    } catch (error) {
      if (this.#session === asked) throw error;
      this.#session ??= this.#open();
      return (await this.#session).query(sql, values, PATIENCE_MS);
    }
  }

  /** Never rejects. */
  async close(): Promise<void> {
    const session = await this.#session?.catch(() => undefined);
    await session?.close();
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
