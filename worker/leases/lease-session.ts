/**
 * The session with the database in which leases are renewed: one of its own, so that no load delays it, and opened
 * anew whenever it has ended. It hears what other workers do as well.
 */
import type { Database } from "../db/open.ts";
import { type SqlClient, within } from "../db/session.ts";
import { StandingSession } from "../db/standing-session.ts";
import { LeaseTable } from "./lease-table.ts";

/** The channel that the triggers of prisma/migrations announce on. */
const CHANNEL = "satoshigle_leases";
const CONNECT_MS = 2_000;
const LISTEN_MS = 1_500;

export class LeaseSession {
  #standing: StandingSession;
  #onNews: () => void;

  /** @param onNews leases have changed hands, or the session has ended and with it the listening */
  constructor(database: Pick<Database, "connect">, onNews: () => void) {
    this.#standing = new StandingSession(() => this.#open(database));
    this.#onNews = onNews;
  }

  /** @throws when the database cannot be reached soon */
  async table(): Promise<LeaseTable> {
    return new LeaseTable(await this.#standing.session());
  }

  close(): Promise<void> {
    return this.#standing.close();
  }

  async #open(database: Pick<Database, "connect">): Promise<SqlClient> {
    const connecting = database.connect();
    const session = await within(connecting, CONNECT_MS, "no answer").catch((error) => {
      void connecting.then((late) => late.close()).catch(() => {});
      throw error;
    });
    session.onNotification(this.#onNews);
    await session.query(`LISTEN ${CHANNEL}`, undefined, LISTEN_MS).catch(async (error) => {
      await session.close();
      throw error;
    });
    void session.ended.then(this.#onNews);
    return session;
  }
}
