/** `npm run dev`: database, edge and worker together, with a demo key, until Ctrl-C or until one of them dies. */
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import {
  ConfigError,
  childEnvironment,
  masterKeyFile,
  readConfig,
  readDevPort,
  relaysFile,
} from "../config.ts";
import { openMigrated } from "../database.ts";
import type { Database } from "../db/open.ts";
import { createLogger } from "../log.ts";
import { bunkerUri } from "../nip46.ts";
import { hexOf } from "../npub.ts";
import { ownShutdown, type Shutdown } from "../shutdown.ts";
import { demoToken, masterKeyIn } from "./demo.ts";
import { type Part, startPart } from "./part.ts";

/** Everything has stopped within 5 s of a signal. */
const GRACE_MS = 4_800;
const PART_STOP_MS = 3_500;
const DEV_LOCK = 72707371;

/** Programs of their own, named by their paths: the worker's code imports nothing of the edge's. */
const EDGE = fileURLToPath(new URL("../../edge/dev.mjs", import.meta.url));
const WORKER = fileURLToPath(new URL("../main.ts", import.meta.url));

const HELP = `Starts everything on this machine: PostgreSQL, the edge and the worker, with a demo key.

Usage: npm run dev

PORT (3001) is the edge's. Data, and the master key made on the first run, are kept in .satoshigle/.
Of the worker's variables all but RELAYS and DATABASE_* count as well: npm run multi-bunker -- --help lists them.
`;

const run = async (): Promise<void> => {
  const port = readDevPort();
  const config = readConfig();
  const log = createLogger(config.logLevel);
  const shutdown = ownShutdown(log, GRACE_MS);
  try {
    await portIsFree(port);
    // Its own database, whatever DATABASE_URL says: it would be left with a demo key in it.
    const database = await openMigrated({ url: undefined, driver: undefined }, log, shutdown);
    await beTheOnlyOne(database, shutdown);
    const [masterKey = await masterKeyIn(masterKeyFile(), database), ...older] = config.masterKeys;
    const { npub, token } = await demoToken(database, [masterKey, ...older]);

    const parts: Part[] = [];
    shutdown.onShutdown("parts", () => Promise.all(parts.map((part) => part.stop(PART_STOP_MS))));
    /** Waits until a part is ready; from then on its death stops everything. */
    const start = async (name: string, program: string, env: NodeJS.ProcessEnv): Promise<void> => {
      const part = startPart(name, program, env);
      parts.push(part);
      await Promise.race([part.ready, part.died.then((reason) => shutdown.stop(1, reason))]);
    };

    const relay = `ws://127.0.0.1:${port}/relay`;
    writeFileSync(relaysFile(), `${relay}\n`);
    shutdown.onShutdown("relays", () => rmSync(relaysFile(), { force: true }));
    log.info("starting the edge");
    await start("the edge", EDGE, childEnvironment({ PORT: String(port) }));
    log.info("starting the worker");
    const environment = childEnvironment({
      DATABASE_URL: database.url,
      DATABASE_DRIVER: "pg",
      MASTER_KEY: [masterKey, ...older].join(),
      RELAYS: relay,
    });
    await start("the worker", WORKER, environment);

    const bunker = bunkerUri(hexOf(npub) ?? "", [relay], token);
    process.stdout.write(`
  Page        http://127.0.0.1:${port}/
  Sign in     http://127.0.0.1:${port}/#bunker=${encodeURIComponent(bunker)}
  WebSocket   ws://127.0.0.1:${port}/ws
  Bunker      ${bunker}

  Open the page in two windows, one of them by "Sign in". Or paste the bunker URI into another Nostr client on this
  machine. It is for one client, also after that has signed out, and signs for the demo key. For the next client:
    npm run bunker -- token issue --npub ${npub}
  Ctrl-C stops everything.

`);
  } catch (error) {
    await shutdown.stop(1, error instanceof Error ? error : String(error));
  }
};

const portIsFree = async (port: number): Promise<void> => {
  const server = createServer();
  try {
    await once(server.listen(port, "127.0.0.1"), "listening");
  } catch {
    throw new Error(`port ${port} is in use: stop what listens there, or choose another with PORT`);
  }
  server.close();
  await once(server, "close");
};

/** Two at once would share one edge's storage: a lock of the database, which ends with the process that holds it. */
const beTheOnlyOne = async (database: Database, shutdown: Shutdown): Promise<void> => {
  const session = await database.connect();
  shutdown.onShutdown("lock", () => session.close());
  const [row] = await session.query("SELECT pg_try_advisory_lock($1) AS mine", [DEV_LOCK]);
  if (row?.mine !== true)
    throw new Error("npm run dev runs here already: stop that, or use another checkout");
};

const [argument] = process.argv.slice(2);
if (argument === "--help" || argument === "-h") process.stdout.write(HELP);
else {
  await run().catch((error) => {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  });
}
