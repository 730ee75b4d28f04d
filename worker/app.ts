/** Puts the worker together, in the order in which things start; each part registers how it is let go of. */
import { Bunkers } from "./bunkers.ts";
import { type Config, DATA_FOLDER } from "./config.ts";
import { watchChanges } from "./db/changes.ts";
import { startEmbeddedPostgres } from "./db/embedded.ts";
import { migrate } from "./db/migrate.ts";
import { type Database, openDatabase } from "./db/open.ts";
import { within } from "./db/session.ts";
import type { Logger } from "./log.ts";
import { Relays } from "./relays.ts";
import { Router } from "./router.ts";
import { Scanner } from "./scanner.ts";
import type { Shutdown } from "./shutdown.ts";
import { reportStatus } from "./status.ts";
import { Store } from "./store.ts";

/** From worker/ and, in a build, from dist/worker/: the migrations lie in prisma/ beside either. */
const MIGRATIONS = new URL("../prisma/migrations/", import.meta.url);

const RELAY_TIMEOUT_MS = 5_000;
const LISTEN_TIMEOUT_MS = 5_000;
/** Requests in hand may take this long after a signal to stop. */
const DRAIN_MS = 5_000;

export const startBunkers = async (config: Config, log: Logger, shutdown: Shutdown): Promise<void> => {
  log.info("starting");
  if (config.connectPolicy === "any") {
    log.warn(
      "CONNECT_POLICY=any: EVERY client that knows a public key can use that key while it has a live token",
    );
  }
  const now = () => Date.now();

  const database = await openMigrated(config, log, shutdown);
  const store = new Store(database.prisma);

  const relays = new Relays(config.relays, (event) => router.receive(event), log);
  shutdown.onShutdown("relays", () => relays.close());
  const bunkers = new Bunkers({
    store,
    relays,
    relayUrls: config.relays,
    masterKey: config.masterKey,
    policy: config.connectPolicy,
    log,
    now,
  });
  const router = new Router({
    bunkerOf: (pubkey) => bunkers.of(pubkey),
    publish: (event) => relays.publish(event),
    log,
    now,
  });
  shutdown.onShutdown("bunkers", () => bunkers.close());
  shutdown.onShutdown("requests", () => router.drain(DRAIN_MS));

  log.info({ relays: config.relays }, "connecting to relays");
  const connected = await relays.connect(RELAY_TIMEOUT_MS);
  if (connected > 0) log.info(`connected to ${connected} of ${config.relays.length} relays`);
  else log.warn("no relay can be reached yet, still trying");

  const scanner = new Scanner({ store, bunkers, intervalMs: config.scanIntervalMs, log, now });
  shutdown.onShutdown("scanner", () => scanner.close());
  await followChanges(database, bunkers, scanner, log, shutdown);
  await scanner.scan();

  const status = reportStatus(config.heartbeatIntervalMs, { bunkers, relays, router }, log);
  shutdown.onShutdown("status", () => status.close());
};

/** Resolves when changes are heard, so that the first scan misses none, or after a while without them. */
const followChanges = async (
  database: Database,
  bunkers: Bunkers,
  scanner: Scanner,
  log: Logger,
  shutdown: Shutdown,
): Promise<void> => {
  const heard = new Promise<void>((resolve) => {
    let before = false;
    const changes = watchChanges(
      database,
      {
        onChange: (npub) => {
          bunkers.invalidate(npub);
          scanner.changed(npub);
        },
        onHealth: (listening) => {
          bunkers.setListening(listening);
          // Whatever changed while nothing was heard is read now; the very first scan is the caller's.
          if (listening && before) void scanner.scan();
          before = true;
          resolve();
        },
      },
      log,
    );
    shutdown.onShutdown("changes", () => changes.close());
  });
  await within(heard, LISTEN_TIMEOUT_MS, "not listening").catch(() => {});
};

const openMigrated = async (config: Config, log: Logger, shutdown: Shutdown): Promise<Database> => {
  const { url, driver } = config.database;
  let databaseUrl = url;
  if (!databaseUrl) {
    log.info(`DATABASE_URL is not set: starting the embedded PostgreSQL in ${DATA_FOLDER}/`);
    const embedded = await startEmbeddedPostgres(DATA_FOLDER, log);
    shutdown.onShutdown("embedded PostgreSQL", () => embedded.stop());
    databaseUrl = embedded.url;
  }
  const database = await openDatabase({ url: databaseUrl, driver }, log);
  shutdown.onShutdown("database", () => database.close());
  const session = await database.connect();
  try {
    const applied = await migrate(session, MIGRATIONS);
    if (applied.length > 0) log.info({ applied }, "applied migrations");
  } finally {
    await session.close();
  }
  return database;
};
