/** A database that the earlier server made is taken over by the same start, with everything that is in it. */
import { randomBytes } from "node:crypto";
import { npubEncode } from "nostr-tools/nip19";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type Database, openDatabase } from "../../worker/db/open.ts";
import type { SqlClient } from "../../worker/db/session.ts";
import { hex, newKey, type TestKey } from "../support/bunker.ts";
import { startCappedRelay } from "../support/capped-relay.ts";
import { createDatabase, silent, type TestDatabase } from "../support/database.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { startWorker } from "../support/worker.ts";

const KEYS = 50;
const TOKENS = 50;
const NOW = Date.now();

let relay: Awaited<ReturnType<typeof startCappedRelay>>;
let database: TestDatabase;
let opened: Database;
let session: SqlClient;

beforeAll(async () => {
  relay = await startCappedRelay(1_000);
});
afterAll(() => relay.close());

beforeEach(async () => {
  database = await createDatabase("template0");
  opened = await openDatabase(database, silent);
  session = await opened.connect();
});
afterEach(async () => {
  await session.close();
  await opened.close();
  await database.drop();
});

const sql = (text: string, values?: unknown[]) => session.query(text, values);
type Row = Record<string, unknown>;

/** All rows of both tables with all their columns, each as the database would print it. */
const dump = async (): Promise<Record<"keys" | "tokens", Row[]>> => {
  const rows = async (table: string, id: string) =>
    (await sql(`SELECT to_jsonb(t) AS row FROM "${table}" t ORDER BY "${id}"`)).map(({ row }) => row as Row);
  return { keys: await rows("Keys", "npub"), tokens: await rows("ConnectTokens", "token") };
};

/** What the earlier server may have made of the two tables, as far as anyone knows. */
const SHAPES = [
  {
    shape: "documents as text, a name that may not be missing, and tokens whose keys are gone",
    keys: `npub TEXT PRIMARY KEY, name TEXT NOT NULL, ncryptsec TEXT, "localKey" TEXT,
           "createdAt" TIMESTAMPTZ NOT NULL DEFAULT now(), "relays" TEXT[]`,
    tokens: `token TEXT PRIMARY KEY, npub TEXT NOT NULL, timestamp BIGINT NOT NULL, expiry BIGINT NOT NULL,
             "subNpub" TEXT, "jsonData" TEXT, note VARCHAR(40) NOT NULL`,
    documents: ['{"name": "my phone"}', "null", null, "{}", "not JSON", '{"open": '],
    orphans: 3,
  },
  {
    shape: "documents as JSONB, and a foreign key of its own",
    keys: 'npub TEXT PRIMARY KEY, ncryptsec TEXT NOT NULL, "localKey" TEXT, name TEXT NOT NULL',
    tokens: `token TEXT PRIMARY KEY, npub TEXT NOT NULL REFERENCES "Keys" ON DELETE RESTRICT,
             timestamp BIGINT NOT NULL, expiry BIGINT NOT NULL, "subNpub" TEXT, "jsonData" JSONB`,
    documents: ['{"name": "my phone"}', "{}", null, '"a text"', "[1, 2]"],
    orphans: 0,
  },
  {
    shape: "documents that may not be missing, narrow columns, keys by number, and a view",
    keys: `id SERIAL PRIMARY KEY, npub VARCHAR(63) NOT NULL, ncryptsec VARCHAR(64), "localKey" VARCHAR(64),
           name TEXT NOT NULL`,
    tokens: `token VARCHAR(64) PRIMARY KEY, npub VARCHAR(63) NOT NULL, timestamp NUMERIC NOT NULL,
             expiry NUMERIC NOT NULL, "subNpub" VARCHAR(63), "jsonData" JSON NOT NULL DEFAULT '{}', used INT DEFAULT 7`,
    documents: ['{"name": "my phone"}', "{}"],
    orphans: 1,
    more: 'CREATE VIEW names AS SELECT name FROM "Keys"',
  },
];

/** Fills both tables; answers the keys that have been given a token, each with it. */
const fill = async ({ keys, tokens, documents, orphans, more }: (typeof SHAPES)[number]) => {
  await sql(`CREATE TABLE "Keys" (${keys})`);
  await sql(`CREATE TABLE "ConnectTokens" (${tokens})`);
  if (more) await sql(more);
  const made: { key: TestKey; token: string }[] = [];
  const note = tokens.includes("note") ? ", note" : "";
  for (let n = 0; n < KEYS; n++) {
    const key = newKey();
    const local = n % 5 === 4 && !keys.includes("ncryptsec TEXT NOT NULL");
    await sql(`INSERT INTO "Keys" (npub, ${local ? '"localKey"' : "ncryptsec"}, name) VALUES ($1, $2, $3)`, [
      key.npub,
      hex(key.secret),
      `person ${n}`,
    ]);
    made.push({ key, token: randomBytes(16).toString("hex") });
  }
  for (let n = 0; n < TOKENS; n++) {
    const { key, token } = made[n] ?? { key: newKey(), token: "" };
    const npub = n < TOKENS - orphans ? key.npub : newKey().npub;
    await sql(
      `INSERT INTO "ConnectTokens" (token, npub, timestamp, expiry, "subNpub", "jsonData"${note})
       VALUES ($1, $2, $3, $4, $5, $6${note && ", 'a note'"})`,
      [
        token,
        npub,
        NOW - n,
        NOW + (n % 7 === 6 ? -1 : 3_600_000),
        n % 4 === 3 ? newKey().npub : null,
        documents[n % documents.length],
      ],
    );
  }
  return made;
};

/** A document as it was, which may have been kept as text, in the form that it has afterwards. */
const asJson = (document: unknown): unknown => {
  if (typeof document !== "string") return document;
  try {
    return JSON.parse(document);
  } catch {
    return document;
  }
};

/** Without when a client last connected. */
const withoutTime = ({ keys, tokens }: Awaited<ReturnType<typeof dump>>) => ({
  keys,
  tokens: tokens.map(({ connected, ...row }) => row),
});

test.each(SHAPES)("$shape", async (shape) => {
  const [first] = await fill(shape);
  if (!first) throw new Error("there is no key");
  const { key, token } = first;
  const before = await dump();
  expect([before.keys.length, before.tokens.length]).toEqual([KEYS, TOKENS]);

  const env = { DATABASE_URL: database.url, DATABASE_DRIVER: database.driver, RELAYS: relay.url };
  const worker = startWorker(env);
  await worker.logged(/^applied migrations$/);
  await worker.logged(/^found 50 keys$/);
  await worker.logged(/^started [1-9]\d* bunkers?$/);
  const client = await Nip46Client.open(relay.url, key.pubkey);
  expect(await client.request("connect", [key.pubkey, token])).toMatchObject({ result: "ack" });
  expect(await client.request("get_public_key")).toMatchObject({ result: key.pubkey });

  const after = await dump();
  const isText = shape.tokens.includes('"jsonData" TEXT');
  const expected = before.tokens.map((row) => ({
    ...row,
    jsonData: isText ? asJson(row.jsonData) : row.jsonData,
    ...(row.token === token ? { subNpub: npubEncode(client.pubkey) } : {}),
  }));
  expect(after.keys).toEqual(before.keys);
  expect(after.tokens).toMatchObject(expected);

  // What was there already does not stand in the way of what is added.
  const added = newKey();
  await opened.prisma.keys.create({ data: { npub: added.npub, ncryptsec: `sealed:v1:${"0".repeat(89)}` } });
  await opened.prisma.connectTokens.create({
    data: { token: "added", npub: added.npub, timestamp: NOW, expiry: NOW },
  });
  await opened.prisma.keys.delete({ where: { npub: added.npub } });

  expect(await worker.end()).toBe(0);
  const again = startWorker(env);
  await again.logged(/^started [1-9]\d* bunkers?$/);
  expect(again.lines().map(({ msg }) => msg)).not.toContain("applied migrations");
  expect(await client.request("ping")).toMatchObject({ result: "pong" });
  expect(await again.end()).toBe(0);
  await client.close();
  // The relay may have handed out the old `connect` once more.
  expect(await dump()).toMatchObject(withoutTime(after));
});
