/** The database as every program of the worker opens it: found or started, and brought up to date. */
import { type Config, DATA_FOLDER } from "./config.ts";
import { startEmbeddedPostgres } from "./db/embedded.ts";
import { migrate } from "./db/migrate.ts";
import { type Database, openDatabase } from "./db/open.ts";
import type { Logger } from "./log.ts";
import type { Shutdown } from "./shutdown.ts";

/** From worker/ and, in a build, from dist/worker/: the migrations lie in prisma/ beside either. */
const MIGRATIONS = new URL("../prisma/migrations/", import.meta.url);

/**
 * Opens the database of the configuration, or without one the embedded PostgreSQL, whose unexpected end
 * stops the program; applies what migrations are missing.
 */
export const openMigrated = async (
  { url, driver }: Config["database"],
  log: Logger,
  shutdown: Shutdown,
): Promise<Database & { url: string }> => {
  const target = url ? { url, driver } : { url: await startEmbedded(log, shutdown), driver: "pg" as const };
  const database = await openDatabase(target, log);
  shutdown.onShutdown("database", () => database.close());
  const session = await database.connect();
  try {
    const applied = await migrate(session, MIGRATIONS);
    if (applied.length > 0) log.info({ applied }, "applied migrations");
  } finally {
    await session.close();
  }
  return { ...database, url: target.url };
};

const startEmbedded = async (log: Logger, shutdown: Shutdown): Promise<string> => {
  log.info(`DATABASE_URL is not set: starting the embedded PostgreSQL in ${DATA_FOLDER}/`);
  const embedded = await startEmbeddedPostgres(DATA_FOLDER, log);
  shutdown.onShutdown("embedded PostgreSQL", () => embedded.stop());
  void embedded.exited.then((reason) => shutdown.stop(1, reason));
  return embedded.url;
};
