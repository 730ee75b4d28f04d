import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import {
  ConfigError,
  describeVariables,
  masterKeyFile,
  readConfig,
  readDevPort,
} from "../../worker/config.ts";

// Started from an empty folder, as far as the programs can tell: the master key is looked for there.
const before = process.cwd();
const folder = mkdtempSync(join(tmpdir(), "satoshigle-"));
beforeEach(() => process.chdir(folder));
afterEach(() => {
  rmSync(".satoshigle", { recursive: true, force: true });
  process.chdir(before);
});
afterAll(() => rmSync(folder, { recursive: true }));

const NPUB = "npub10xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqpkge6d";
const MASTER = "0123456789abcdef".repeat(4);
const URL_OF_DATABASE = "postgresql://user:hunter2@host/db";

const complaint = (env: NodeJS.ProcessEnv): string => {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("it was accepted");
};
const named = (message: string) => [...message.matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name);

const DEFAULTS = {
  database: { url: undefined, driver: undefined },
  relays: ["wss://relay.nsec.app"],
  scanIntervalMs: 300_000,
  heartbeatIntervalMs: 30_000,
  connectPolicy: "token",
  clientRate: 1_200,
  keyRate: 12_000,
  masterKeys: [],
  passphrase: undefined,
  grantCacheMs: 60_000,
  auditDays: 90,
  httpPort: undefined,
  crypto: undefined,
  logLevel: "info",
};

test("nothing is required", () => {
  expect(readConfig({})).toEqual(DEFAULTS);
});

test("an empty variable counts as unset, and others are none of its business", () => {
  const env = Object.fromEntries(
    ["DATABASE_URL", "DATABASE_DRIVER", "RELAYS", "SCAN_INTERVAL_MS", "CONNECT_POLICY", "MASTER_KEY"].map(
      (name, index) => [name, index % 2 ? "" : " \t"],
    ),
  );
  expect(readConfig({ ...env, PATH: "/bin", __proto__: "x" })).toEqual(DEFAULTS);
});

test("everything can be set", () => {
  const env = {
    DATABASE_URL: URL_OF_DATABASE,
    DATABASE_DRIVER: "neon",
    RELAYS: " wss://one.example, ws://127.0.0.1:3001/relay\nwss://one.example,,",
    SCAN_INTERVAL_MS: "100",
    HEARTBEAT_INTERVAL_MS: "2147483647",
    CONNECT_POLICY: "any",
    CLIENT_RATE: "1",
    KEY_RATE: "999999999",
    MASTER_KEY: `${MASTER.toUpperCase()},${"f".repeat(64)}`,
    NCRYPTSEC_PASSPHRASE: " with blanks ",
    GRANT_CACHE_MS: "0",
    AUDIT_DAYS: "1",
    HTTP_PORT: "8080",
    SIGNER_NPUB: NPUB,
    SIGNER_NAME: "A signer",
    SIGNER_URL: "https://signer.example/",
    CRYPTO: "wasm",
    LOG_LEVEL: "trace",
  };
  expect(readConfig(env)).toEqual({
    database: { url: URL_OF_DATABASE, driver: "neon" },
    relays: ["wss://one.example", "ws://127.0.0.1:3001/relay"],
    scanIntervalMs: 100,
    heartbeatIntervalMs: 2_147_483_647,
    connectPolicy: "any",
    clientRate: 1,
    keyRate: 999_999_999,
    masterKeys: [MASTER.toUpperCase(), "f".repeat(64)],
    passphrase: " with blanks ",
    grantCacheMs: 0,
    auditDays: 1,
    httpPort: 8080,
    signer: { npub: NPUB, name: "A signer", url: "https://signer.example/" },
    crypto: "wasm",
    logLevel: "trace",
  });
});

const WRONG: Record<string, string[]> = {
  DATABASE_URL: ["hunter2", "mysql://user:hunter2@host/db", "//host/db"],
  DATABASE_DRIVER: ["mysql", "PG", "pg "],
  RELAYS: [
    ",",
    "relay.example",
    "https://relay.example",
    "wss://one.example,hunter2",
    "wss://user:hunter2@relay.example",
    Array.from({ length: 17 }, (_, n) => `wss://${n}.example`).join(),
  ],
  SCAN_INTERVAL_MS: ["99", "-1", "1.5", "1e3", "five", "2147483648", "99999999999999", "Infinity", "0x100"],
  HEARTBEAT_INTERVAL_MS: ["0", "30s", " 1000"],
  CONNECT_POLICY: ["all", "Token"],
  CLIENT_RATE: ["0", "-1", "1.5", "many", "1000000000"],
  KEY_RATE: ["0", "1e3"],
  MASTER_KEY: [
    MASTER.slice(1),
    `${MASTER}0`,
    `0x${MASTER}`,
    `${MASTER}\n`,
    `${MASTER},`,
    `${MASTER},${MASTER.slice(1)}`,
    "hunter2",
  ],
  GRANT_CACHE_MS: ["-1", "60s", "99999999999"],
  AUDIT_DAYS: ["0", "forever"],
  HTTP_PORT: ["65536", "http", "-1"],
  SIGNER_NPUB: ["hunter2", `nsec${NPUB.slice(4)}`, NPUB.slice(0, -1), "ab".repeat(32)],
  SIGNER_NAME: ["x".repeat(101)],
  SIGNER_URL: ["signer.example", "http://signer.example"],
  CRYPTO: ["openssl", "Native"],
  LOG_LEVEL: ["silent", "verbose", "INFO"],
};

test.each(Object.entries(WRONG).flatMap(([name, values]) => values.map((value) => [name, value] as const)))(
  "%s=%j is named, once, and not repeated",
  (name, value) => {
    const message = complaint({ [name]: value });
    expect(named(message)).toEqual([name]);
    expect(message).not.toContain("hunter2");
    expect(message).not.toContain(MASTER.slice(1));
  },
);

test("whatever is wrong together is named together", () => {
  const choice = fc.record(
    Object.fromEntries(Object.entries(WRONG).map(([name, values]) => [name, fc.constantFrom(...values)])),
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(choice, (env) => {
      const wrong = Object.keys(env).sort();
      if (wrong.length === 0) return;
      expect(named(complaint(env)).sort()).toEqual(wrong);
    }),
  );
});

test("every variable that can be wrong is described", () => {
  const described = [...describeVariables().matchAll(/^ {2}([A-Z_]+) +\S/gm)].map(([, name]) => name);
  expect(described).toEqual(expect.arrayContaining(Object.keys(WRONG)));
  expect(new Set(described).size).toBe(described.length);
});

const keep = (text: string) => {
  mkdirSync(".satoshigle");
  writeFileSync(masterKeyFile(), text);
};

test("with the embedded database the master key is the one that dev has made, unless another is set", () => {
  keep(`${MASTER}\n`);
  expect(readConfig({}).masterKeys).toEqual([MASTER]);
  expect(readConfig({ MASTER_KEY: "f".repeat(64) }).masterKeys).toEqual(["f".repeat(64)]);
  expect(readConfig({ DATABASE_URL: URL_OF_DATABASE }).masterKeys).toEqual([]);
});

test.each(["", "\n", MASTER.slice(1)])(
  "a master key file with %j in it is named along with the rest",
  (text) => {
    keep(text);
    const message = complaint({ LOG_LEVEL: "loud" });
    expect(named(message).sort()).toEqual(["LOG_LEVEL", "MASTER_KEY"]);
    expect(message).toContain(masterKeyFile());
  },
);

test.each([
  [undefined, 3001],
  ["", 3001],
  ["1", 1],
  ["65535", 65_535],
])("the port of PORT=%j is %i", (value, port) => {
  expect(readDevPort({ PORT: value })).toBe(port);
});

test.each(["0", "-1", "65536", "80.5", "http", " "])("PORT=%j is refused", (value) => {
  expect(() => readDevPort({ PORT: value })).toThrow(ConfigError);
});
