/** The worker: many remote signers behind one set of relay connections, driven by a database. */
import { ConfigError, describeVariables, readConfig } from "./config.ts";
import { createLogger } from "./log.ts";
import { ownShutdown } from "./shutdown.ts";

const HELP = `Satoshigle's multi-bunker: serves NIP-46 requests for the keys in a PostgreSQL database.

Usage: npm run multi-bunker        (from the sources)
       node dist/worker/main.js    (after npm run build)

It takes no arguments. Environment:
${describeVariables()}
`;

const argument = process.argv[2];
if (argument !== undefined) {
  const asked = argument === "--help" || argument === "-h";
  process[asked ? "stdout" : "stderr"].write(asked ? HELP : `Unknown argument ${argument}.\n\n${HELP}`);
  process.exit(asked ? 0 : 2);
}

try {
  const config = readConfig();
  const log = createLogger(config.logLevel);
  const shutdown = ownShutdown(log);
  // Loaded only now, so that a signal is heard from the first moment on.
  const { startBunkers } = await import("./app.ts");
  await startBunkers(config, log, shutdown).catch((error) => shutdown.stop(1, error));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n\nRun with --help for the list of variables.\n`);
  process.exit(2);
}
