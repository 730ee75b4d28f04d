/** The audit log, as an operator finds it in the table. */
import { npubEncode } from "nostr-tools/nip19";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Audit } from "../../worker/audit.ts";
import { openDatabase } from "../../worker/db/open.ts";
import { createStore, type TestKey, type TestStore } from "../support/bunker.ts";
import { silent } from "../support/database.ts";
import { type DeafRelay, startDeafRelay } from "../support/deaf-relay.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { takeAway } from "../support/outage.ts";
import { startedWorker, type Worker } from "../support/worker.ts";

let store: TestStore;
let relay: DeafRelay;
let key: TestKey;
let token: string;
let worker: Worker | undefined;
let clients: Nip46Client[];

beforeEach(async () => {
  [store, relay] = await Promise.all([createStore(), startDeafRelay()]);
  key = await store.addKey();
  token = await store.addToken(key);
  clients = [];
  worker = undefined;
});

afterEach(async () => {
  for (const client of clients) await client.close();
  await worker?.end("SIGKILL");
  await relay.close();
  await store.close();
});

const run = async (env = {}): Promise<Worker> => {
  worker = await startedWorker({ ...store.env, RELAYS: relay.url, ...env });
  return worker;
};
const open = async (): Promise<Nip46Client> => {
  const client = await Nip46Client.open(relay.url, key.pubkey);
  clients.push(client);
  return client;
};
const deed = (eventKind: number | null = null) => ({
  npub: key.npub,
  client: key.pubkey,
  known: true,
  method: "sign_event",
  eventKind,
  eventId: null,
  outcome: "ok",
  request: "ab".repeat(32),
});
const rows = () =>
  store.sql('SELECT npub, client, method, kind, "eventId", outcome FROM "AuditLog" ORDER BY id');

test("deeds of a key's clients are in the table within 2 s, without content or secrets, and strangers' are not", async () => {
  await run();
  const stranger = await open();
  await stranger.request("ping");
  await stranger.request("connect", [key.pubkey, "guessed"]);
  const client = await open();
  await client.request("connect", [key.pubkey, token]);
  const draft = { kind: 1, content: "what I have to say", tags: [], created_at: 1_700_000_000 };
  const signed = await client.request("sign_event", [JSON.stringify(draft)]);
  await client.request("sign_event", [JSON.stringify({ ...draft, kind: 24_133 })]);
  const { id } = JSON.parse(String(signed.result));

  const who = { npub: key.npub, client: npubEncode(client.pubkey) };
  await expect.poll(rows, { timeout: 2_000 }).toEqual([
    { ...who, method: "connect", kind: null, eventId: null, outcome: "ok" },
    { ...who, method: "sign_event", kind: 1, eventId: id, outcome: "ok" },
    {
      ...who,
      method: "sign_event",
      kind: 24_133,
      eventId: null,
      outcome: expect.stringMatching(/signer's own/),
    },
  ]);
  const [{ at } = {}] = await store.sql('SELECT at FROM "AuditLog"');
  expect(Math.abs(Number(at) - Date.now())).toBeLessThan(60_000);
  const everything = JSON.stringify(await store.sql('SELECT "AuditLog"::text AS row FROM "AuditLog"'));
  expect(everything).toContain(who.client);
  expect(everything).not.toContain(token);
  expect(everything).not.toContain(draft.content);
});

test("what was done last is written before the worker ends", async () => {
  const running = await run();
  const client = await open();
  await client.request("connect", [key.pubkey, token]);
  await client.request("ping");
  expect(await running.end("SIGTERM")).toBe(0);
  expect((await rows()).map(({ method }) => method)).toEqual(["connect", "ping"]);
});

test("a worker that cannot write what was done last lets its leases run out, so that others ask what it answered", async () => {
  const running = await run();
  const client = await open();
  await client.request("connect", [key.pubkey, token]);
  await expect.poll(rows).toHaveLength(1);
  const database = await openDatabase(store.database, silent);
  const session = await database.connect();
  try {
    await session.query('BEGIN; LOCK TABLE "AuditLog" IN ACCESS EXCLUSIVE MODE');
    await client.request("ping");
    expect(await running.end("SIGTERM")).toBe(0);
    await running.logged(/^1 rows of the audit log could not be written$/);
    await running.logged(/^could not hand over/);
    const [held] = await store.sql(
      'SELECT count(*)::int AS shards FROM "Leases" JOIN "Workers" ON id = worker',
    );
    expect(held).toEqual({ shards: 32 });
  } finally {
    await session.close();
    await database.close();
  }
});

test("rows cannot be changed, and are pruned when they are too old", async () => {
  const add = (at: number, method: string, count = 1) =>
    store.sql(
      `INSERT INTO "AuditLog" (at, npub, client, method, outcome)
       SELECT $1, $2, $2, $3, 'ok' FROM generate_series(1, $4::int)`,
      [at, key.npub, method, count],
    );
  const day = 86_400_000;
  await add(Date.now() - 3 * day - 60_000, "old", 2_500);
  await add(Date.now() - 2 * day, "young");
  await expect(store.sql(`UPDATE "AuditLog" SET outcome = 'no'`)).rejects.toThrow(/append-only/);

  const running = await run({ AUDIT_DAYS: "3" });
  expect(await running.logged(/^pruned/)).toMatchObject({ rows: 2_500 });
  expect((await rows()).map(({ method }) => method)).toEqual(["young"]);
});

test("rows wait for a database that is away, and that is said once", async () => {
  const database = await openDatabase(store.database, silent);
  const said: string[] = [];
  const log = pino({}, { write: (line: string) => said.push(JSON.parse(line).msg) });
  const audit = new Audit(database.bulk, log, () => 1);
  const { giveBack } = await takeAway(store.database);
  try {
    audit.record(deed());
    await expect.poll(() => said).toEqual(["the audit log cannot be written, trying again"]);
    audit.record(deed());
  } finally {
    await giveBack();
  }
  await expect.poll(() => audit.counts).toEqual({ written: 2, dropped: 0 });
  expect(said).toEqual(["the audit log cannot be written, trying again", "the audit log is written again"]);
  await audit.close();
  await database.close();
});

test("of more than can wait the newest are kept, and the rest is counted", async () => {
  const database = await openDatabase(store.database, silent);
  try {
    const audit = new Audit(database.bulk, silent, () => 1);
    for (let kind = 0; kind < 10_050; kind++) {
      audit.record(deed(kind));
    }
    expect(audit.counts).toEqual({ written: 0, dropped: 50 });
    await expect.poll(() => audit.counts.written, { timeout: 15_000 }).toBe(10_000);
    await audit.close();
    expect(audit.counts.dropped).toBe(50);
    const [range] = await store.sql('SELECT min(kind), max(kind), count(*)::int FROM "AuditLog"');
    expect(range).toEqual({ min: 50, max: 10_049, count: 10_000 });
  } finally {
    await database.close();
  }
});
