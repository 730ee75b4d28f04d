/**
 * The only reader of `process.env` in the worker: turns it into a typed configuration, and names
 * every variable that is missing or wrong at once.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { CRYPTO_NAMES } from "./crypto/crypto.ts";
import { hexOf } from "./npub.ts";
import { relayAddress } from "./relay-address.ts";

// With DEBUG set, libraries print what they are given, tokens among it. Before any of them is loaded:
delete process.env.DEBUG;

/** Where the embedded database and the generated master key live, in the folder the program is started from. */
export const DATA_FOLDER = ".satoshigle";
const MASTER_KEY_FILE = "master.key";

const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"] as const;

const milliseconds = (byDefault: number, least: number) =>
  v.pipe(
    v.optional(v.string(), String(byDefault)),
    v.regex(/^\d{1,10}$/, "must be a whole number of milliseconds"),
    v.transform(Number),
    v.minValue(least, `must be at least ${least} (milliseconds)`),
    v.maxValue(2 ** 31 - 1, "must be at most 2147483647 (about 24 days)"),
  );

const count = (byDefault: number, what: string) =>
  v.pipe(
    v.optional(v.string(), String(byDefault)),
    v.regex(/^[1-9]\d{0,8}$/, `must be a whole number of ${what}, at least 1`),
    v.transform(Number),
  );

/** What stands between commas or blanks, each once. */
const words = (text: string): string[] => [...new Set(text.split(/[\s,]+/).filter(Boolean))];

const isUrl = (protocols: string[]) => (text: string) =>
  URL.canParse(text) && protocols.includes(new URL(text).protocol);

const Variables = {
  DATABASE_URL: v.pipe(
    v.optional(
      v.pipe(
        v.string(),
        v.check(
          isUrl(["postgres:", "postgresql:"]),
          "must be a URL like postgresql://user:password@host/database",
        ),
      ),
    ),
    v.description("PostgreSQL to use; without it, an embedded one in .satoshigle/ is started"),
  ),
  DATABASE_DRIVER: v.pipe(
    v.optional(v.picklist(["pg", "neon"], "must be pg or neon")),
    v.description("pg or neon; by default neon when the host of DATABASE_URL is Neon's, else pg"),
  ),
  RELAYS: v.pipe(
    v.optional(v.string(), "wss://relay.nsec.app"),
    v.transform(words),
    v.minLength(1, "must name at least one relay"),
    v.maxLength(16, "must name at most 16 relays"),
    v.everyItem(
      (relay) => relayAddress(relay) !== null,
      "must be wss:// (or ws://) URLs without user and password, separated by commas",
    ),
    v.description("relays to listen on, separated by commas (default wss://relay.nsec.app)"),
  ),
  SCAN_INTERVAL_MS: v.pipe(
    milliseconds(300_000, 100),
    v.description("time between two full reads of keys and tokens (default 300000)"),
  ),
  HEARTBEAT_INTERVAL_MS: v.pipe(
    milliseconds(30_000, 100),
    v.description("time between two status lines (default 30000)"),
  ),
  CONNECT_POLICY: v.pipe(
    v.optional(v.picklist(["token", "any"], "must be token or any"), "token"),
    v.description("token: a client must present a live token (default); any: every client is let in"),
  ),
  CLIENT_RATE: v.pipe(
    count(1_200, "requests a minute"),
    v.description("requests a minute that one client may make (default 1200)"),
  ),
  KEY_RATE: v.pipe(
    count(12_000, "requests a minute"),
    v.description("requests a minute that may be made of one key (default 12000)"),
  ),
  MASTER_KEY: v.pipe(
    v.optional(
      v.pipe(
        v.string(),
        v.regex(
          /^[0-9a-fA-F]{64}(,[0-9a-fA-F]{64})*$/,
          `must be 64 hex digits (in ${DATA_FOLDER}/${MASTER_KEY_FILE} too), for example from: openssl rand -hex 32; several are separated by commas, without blanks`,
        ),
        v.transform(words),
      ),
    ),
    v.description(
      "64 hex digits that seal keys; more, after commas, open what was sealed under them (default with the embedded database: .satoshigle/master.key)",
    ),
  ),
  NCRYPTSEC_PASSPHRASE: v.pipe(
    v.optional(v.string()),
    v.description("passphrase that opens keys kept as ncryptsec1… (NIP-49)"),
  ),
  GRANT_CACHE_MS: v.pipe(
    milliseconds(60_000, 0),
    v.description("how long connected clients are served while the database is away (default 60000)"),
  ),
  AUDIT_DAYS: v.pipe(count(90, "days"), v.description("how long the audit log is kept (default 90)")),
  HTTP_PORT: v.pipe(
    v.optional(
      v.pipe(
        v.string(),
        v.regex(/^\d{1,5}$/, "must be a port number"),
        v.transform(Number),
        v.maxValue(65_535, "must be a port number"),
      ),
    ),
    v.description("port on 127.0.0.1 for /health, /ready and /metrics; without it there are none"),
  ),
  SIGNER_NPUB: v.pipe(
    v.optional(
      v.pipe(
        v.string(),
        v.check((npub) => hexOf(npub) !== null, "must be an npub"),
      ),
    ),
    v.description(
      "a key of the table that announces this signer to clients; without it, nothing is announced",
    ),
  ),
  SIGNER_NAME: v.pipe(
    v.optional(v.pipe(v.string(), v.maxLength(100, "must be at most 100 characters")), "Satoshigle"),
    v.description("what the announced signer is called (default Satoshigle)"),
  ),
  SIGNER_URL: v.pipe(
    v.optional(v.pipe(v.string(), v.check(isUrl(["https:"]), "must be an https:// URL"))),
    v.description("https:// URL of its domain, where HTTP_PORT's /.well-known/nostr.json is to be found"),
  ),
  CRYPTO: v.pipe(
    v.optional(v.picklist(CRYPTO_NAMES, `must be one of ${CRYPTO_NAMES.join(", ")}`)),
    v.description("native (libsecp256k1 of the system), wasm or noble; by default the first that works"),
  ),
  LOG_LEVEL: v.pipe(
    v.optional(v.picklist(LEVELS, `must be one of ${LEVELS.join(", ")}`), "info"),
    v.description("trace, debug, info (default), warn, error or fatal"),
  ),
};

const Environment = v.pipe(
  v.object(Variables),
  v.transform((env) => ({
    database: { url: env.DATABASE_URL, driver: env.DATABASE_DRIVER },
    relays: env.RELAYS,
    scanIntervalMs: env.SCAN_INTERVAL_MS,
    heartbeatIntervalMs: env.HEARTBEAT_INTERVAL_MS,
    connectPolicy: env.CONNECT_POLICY,
    clientRate: env.CLIENT_RATE,
    keyRate: env.KEY_RATE,
    masterKeys: env.MASTER_KEY ?? [],
    passphrase: env.NCRYPTSEC_PASSPHRASE,
    grantCacheMs: env.GRANT_CACHE_MS,
    auditDays: env.AUDIT_DAYS,
    httpPort: env.HTTP_PORT,
    signer:
      env.SIGNER_NPUB === undefined
        ? undefined
        : { npub: env.SIGNER_NPUB, name: env.SIGNER_NAME, url: env.SIGNER_URL },
    crypto: env.CRYPTO,
    logLevel: env.LOG_LEVEL,
  })),
);
export type Config = v.InferOutput<typeof Environment>;

/** Says what is wrong with the environment, one line a variable; the message is meant for the operator. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/**
 * Reads the configuration of the worker. An empty variable counts as unset.
 *
 * @throws {ConfigError} naming every variable that is missing or wrong.
 */
export const readConfig = (env: NodeJS.ProcessEnv = process.env): Config => {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  if (!set.DATABASE_URL) {
    set.MASTER_KEY ??= readFrom(masterKeyFile());
    set.RELAYS ??= readFrom(relaysFile());
  }
  const parsed = v.safeParse(Environment, set);
  if (!parsed.success) {
    const lines = parsed.issues.map((issue) => `  ${v.getDotPath(issue)?.split(".")[0]}: ${issue.message}`);
    throw new ConfigError(`The configuration cannot be used:\n${[...new Set(lines)].join("\n")}`);
  }
  return parsed.output;
};

/** Where `dev` keeps the master key that it generates. */
export const masterKeyFile = (): string => join(DATA_FOLDER, MASTER_KEY_FILE);

/** Where `dev` says, while it runs, on which relays its worker listens: for the command line beside it. */
export const relaysFile = (): string => join(DATA_FOLDER, "relays");

const readFrom = (file: string): string | undefined =>
  existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;

/** The port of the edge under `dev`: `PORT`, or 3001. @throws {ConfigError} */
export const readDevPort = (env: NodeJS.ProcessEnv = process.env): number => {
  const port = Number(env.PORT || 3001);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new ConfigError("The configuration cannot be used:\n  PORT: must be a number from 1 to 65535");
};

/** The environment for a child process: this one's, changed. `undefined` unsets a variable. */
export const childEnvironment = (changes: Record<string, string | undefined>): NodeJS.ProcessEnv => ({
  ...process.env,
  ...changes,
});

/** The list of variables, for `--help`. */
export const describeVariables = (): string =>
  Object.entries(Variables)
    .map(([name, schema]) => `  ${name.padEnd(24)}${v.getDescription(schema)}`)
    .join("\n");
