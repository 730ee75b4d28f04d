import { EventEmitter, on, once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { watchChanges } from "../../worker/db/changes.ts";
import { type Database, openDatabase } from "../../worker/db/open.ts";
import type { SqlClient } from "../../worker/db/session.ts";
import { createDatabase, silent, type TestDatabase } from "../support/database.ts";

const TIMING = { heartbeat: 50, heartbeatTimeout: 500, retryMin: 10, retryMax: 100 };

let own: TestDatabase;
let database: Database;
let sql: SqlClient;
/** `change` with an npub, `health` with a boolean. */
let heard: EventEmitter;
let watch: { close(): Promise<void> };

beforeEach(async () => {
  own = await createDatabase();
  database = await openDatabase(own, silent);
  sql = await database.connect();
  heard = new EventEmitter();
  const listening = once(heard, "health");
  watch = watchChanges(
    database,
    { onChange: (npub) => heard.emit("change", npub), onHealth: (healthy) => heard.emit("health", healthy) },
    silent,
    TIMING,
  );
  expect(await listening).toEqual([true]);
});

afterEach(async () => {
  await watch.close();
  await sql.close();
  await database.close();
  await own.drop();
});

/** The npubs that `run` has announced. Announcements come in the order of the commits: two more mark its bounds. */
async function announced(run: () => Promise<unknown>): Promise<string[]> {
  const changes = on(heard, "change");
  await sql.query("SELECT pg_notify('satoshigle_keys', '(first)')");
  await run();
  await sql.query("SELECT pg_notify('satoshigle_keys', '(last)')");
  const npubs: string[] = [];
  for await (const [npub] of changes) {
    if (npub === "(last)") break;
    npubs.push(npub);
  }
  return npubs.slice(npubs.indexOf("(first)") + 1);
}

const addKey = (npub: string) => sql.query('INSERT INTO "Keys" (npub) VALUES ($1)', [npub]);
const addToken = (token: string, npub: string) =>
  sql.query('INSERT INTO "ConnectTokens" (token, npub, timestamp, expiry) VALUES ($1, $2, 1, 2)', [
    token,
    npub,
  ]);

test("plain SQL on keys and tokens is heard, with the npub", async () => {
  expect(await announced(() => addKey("a"))).toEqual(["a"]);
  expect(await announced(() => addToken("t", "a"))).toEqual(["a"]);
  expect(await announced(() => sql.query('UPDATE "ConnectTokens" SET expiry = 3'))).toEqual(["a"]);
  expect(await announced(() => sql.query('DELETE FROM "ConnectTokens"'))).toEqual(["a"]);
  expect(await announced(() => sql.query('DELETE FROM "Keys"'))).toEqual(["a"]);
});

test("a token that moves from one key to another concerns both", async () => {
  await addKey("a");
  await addKey("b");
  await addToken("t", "a");
  expect(await announced(() => sql.query(`UPDATE "ConnectTokens" SET npub = 'b'`))).toEqual(["a", "b"]);
  expect(await announced(() => sql.query(`UPDATE "Keys" SET npub = 'c' WHERE npub = 'b'`))).toEqual([
    "b",
    "c",
  ]);
});

test("one statement on many rows announces each key once, and one undone none", async () => {
  await addKey("a");
  const many = `INSERT INTO "ConnectTokens" (token, npub, timestamp, expiry)
    SELECT n::text, 'a', 1, 2 FROM generate_series(1, 100) AS n`;
  expect(await announced(() => sql.query(many))).toEqual(["a"]);
  expect(await announced(() => sql.query(`BEGIN; DELETE FROM "ConnectTokens"; ROLLBACK`))).toEqual([]);
});

/** The process of the listening session. */
async function listenerPid(): Promise<number> {
  const [row] = await sql.query(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
     AND query IN ('LISTEN satoshigle_keys', 'SELECT 1')`,
  );
  return Number(row?.["pid"]);
}

async function expectRecovery(interrupt: (pid: number) => unknown): Promise<void> {
  const health = on(heard, "health");
  await interrupt(await listenerPid());
  expect((await health.next()).value).toEqual([false]);
  expect((await health.next()).value).toEqual([true]);
  expect(await announced(() => addKey("after"))).toEqual(["after"]);
}

test("a listener whose session is terminated says so, and listens again", async () => {
  await expectRecovery((pid) => sql.query("SELECT pg_terminate_backend($1)", [pid]));
});

test("so does one whose session stops answering without a word", async () => {
  let frozen = 0;
  await expectRecovery((pid) => {
    frozen = pid;
    process.kill(pid, "SIGSTOP");
  });
  process.kill(frozen, "SIGCONT");
});

test("keeps trying while the database refuses connections", async () => {
  const name = new URL(own.url).pathname.slice(1);
  const server = await openDatabase({ ...own, url: new URL("/postgres", own.url).href }, silent);
  const admin = await server.connect();
  const health = on(heard, "health");
  await admin.query(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS false`);
  await sql.query("SELECT pg_terminate_backend($1)", [await listenerPid()]);
  expect((await health.next()).value).toEqual([false]);
  await admin.query(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS true`);
  expect((await health.next()).value).toEqual([true]);
  await admin.close();
  await server.close();
});

test("a handler that throws does not end the watch", async () => {
  heard.prependOnceListener("change", () => {
    throw new Error("from a handler");
  });
  await addKey("thrown");
  expect(await announced(() => addKey("next"))).toEqual(["next"]);
});
