/** The worker: many remote signers behind one set of relay connections, driven by a database. */
import { setFlagsFromString } from "node:v8";
import { ConfigError, describeVariables, readConfig } from "./config.ts";
import { createLogger, logWarnings } from "./log.ts";
import { ownShutdown } from "./shutdown.ts";

const HELP = `Satoshigle's multi-bunker: serves NIP-46 requests for the keys in a PostgreSQL database.

Usage: npm run multi-bunker        (from the sources)
       node dist/worker/main.js    (after npm run build)

It takes no arguments. Environment:
${describeVariables()}
`;

/**
 * V8 takes the keys that are opened at the start for a sign of much to come, and lets the memory for new objects
 * grow as far as it may. Requests may have that, and soon; keys need it once.
 */
const letYoungGenerationGrow = (may: boolean) =>
  setFlagsFromString(`--semi-space-growth-factor=${may ? 16 : 1}`);

/**
 * A request in hand often outlives a collection, as it waits for the database. V8 takes that for a long life, and would
 * put all that come later where garbage is looked for once in seconds.
 */
setFlagsFromString("--no-allocation-site-pretenuring");

/**
 * The old generation may double before it is gone through. By itself V8 does so for each 15 MB that it has grown by, every
 * few thousand requests, though what keys and caches take stays.
 */
setFlagsFromString("--heap-growing-percent=100");

const argument = process.argv[2];
if (argument !== undefined) {
  const asked = argument === "--help" || argument === "-h";
  process[asked ? "stdout" : "stderr"].write(asked ? HELP : `Unknown argument ${argument}.\n\n${HELP}`);
  process.exit(asked ? 0 : 2);
}

try {
  const config = readConfig();
  const log = createLogger(config.logLevel);
  logWarnings(log);
  const shutdown = ownShutdown(log);
  // Loaded only now, so that a signal is heard from the first moment on.
  const { startBunkers } = await import("./app.ts");
  letYoungGenerationGrow(false);
  await startBunkers(config, log, shutdown).catch((error) => shutdown.stop(1, error));
  letYoungGenerationGrow(true);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n\nRun with --help for the list of variables.\n`);
  process.exit(2);
}
