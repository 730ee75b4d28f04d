import { PrismaNeon } from "@prisma/adapter-neon";
import { PrismaPg } from "@prisma/adapter-pg";
import type { Logger } from "pino";
import {
  chooseDriver,
  connectionSettings,
  connectSession,
  type Driver,
  openPool,
  parseDatabaseUrl,
  setUpNeon,
} from "./driver.ts";
import { type Prisma, PrismaClient } from "./generated/client.ts";
import { describe, type SqlClient, within } from "./session.ts";
import { StandingSession } from "./standing-session.ts";

const CLOSE_TIMEOUT_MS = 3_000;
/** For the two pages of a scan, the secrets of the page before, the audit log, and what was answered by other workers. */
const BULK_CONNECTIONS = 5;

export interface Database {
  readonly prisma: PrismaClient;
  readonly driver: Driver;
  /** Opens a dedicated session, for LISTEN and for migrations; the caller closes it. */
  connect(): Promise<SqlClient>;
  /** Runs one statement on a session that stands all the time: for what every request asks. */
  query: StandingSession["query"];
  /**
   * Runs one statement that may move many rows, of which Prisma would make several copies. In a pool of its own: what a
   * request asks does not wait for it. Rejects with an Error that has the reason only: those of the drivers may lead to
   * the client, and so to the password.
   */
  bulk<Row>(statement: Prisma.Sql): Promise<Row[]>;
  /** Closes the pools and the standing session, not the dedicated ones. Never rejects and takes at most 3 s. */
  close(): Promise<void>;
}

/**
 * Opens the database and makes sure that it answers. `driver` overrides the choice by host.
 * Rejects, after 8 s at the latest, with an Error that names the server and the reason, never the password.
 */
export async function openDatabase(
  options: { url: string; driver?: Driver | undefined },
  log: Logger,
): Promise<Database> {
  const url = parseDatabaseUrl(options.url);
  const driver = chooseDriver(url, options.driver);
  if (driver === "neon") setUpNeon(url);

  const connect = () => connectSession(url, driver, log);
  await (await connect()).close();

  const Adapter = driver === "neon" ? PrismaNeon : PrismaPg;
  const logLoss = (error: Error) =>
    log.warn({ reason: describe(error) }, "lost a pooled database connection");
  const adapter = new Adapter(connectionSettings(url), { onPoolError: logLoss, onConnectionError: logLoss });
  const prisma = new PrismaClient({ adapter, errorFormat: "minimal" });

  const standing = new StandingSession(connect);
  const pool = openPool(url, driver, BULK_CONNECTIONS, logLoss);

  return {
    prisma,
    driver,
    connect,
    query: (sql, values) => standing.query(sql, values),
    async bulk<Row>({ text, values }: Prisma.Sql) {
      const { rows } = await pool.query(text, values).catch((error) => {
        throw new Error(describe(error));
      });
      return rows as Row[];
    },
    async close() {
      const closing = Promise.all([prisma.$disconnect(), standing.close(), pool.end()]);
      await within(closing, CLOSE_TIMEOUT_MS, "timed out").catch((error) =>
        log.warn({ reason: describe(error) }, "the database did not close in time"),
      );
    },
  };
}
