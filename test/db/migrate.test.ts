import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { migrate } from "../../worker/db/migrate.ts";
import { type Database, openDatabase } from "../../worker/db/open.ts";
import type { SqlClient } from "../../worker/db/session.ts";
import { createDatabase, silent, type TestDatabase } from "../support/database.ts";
import { startProcess } from "../support/process.ts";

const MIGRATIONS = fileURLToPath(new URL("../../prisma/migrations", import.meta.url));
const FIRST = "20261121000000_keys_and_tokens";
const ALL = [
  FIRST,
  "20261122000000_operators_tools",
  "20261122010000_leases",
  "20261122020000_what_workers_report",
];

let empty: TestDatabase;
let database: Database;
let session: SqlClient;
/** A copy of prisma/migrations that a test may change. */
let folder: string;

beforeEach(async () => {
  empty = await createDatabase("template0");
  database = await openDatabase(empty, silent);
  session = await database.connect();
  folder = await mkdtemp(path.join(os.tmpdir(), "satoshigle-"));
  await cp(MIGRATIONS, folder, { recursive: true });
});

afterEach(async () => {
  await session.close();
  await database.close();
  await empty.drop();
  await rm(folder, { recursive: true });
});

async function add(name: string, sql: string): Promise<void> {
  await mkdir(path.join(folder, name), { recursive: true });
  await writeFile(path.join(folder, name, "migration.sql"), sql);
}

const tables = () => session.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'");

test("applies what is missing, once, and records it as Prisma does", async () => {
  expect(await migrate(session, folder)).toEqual(ALL);
  expect(await migrate(session, folder)).toEqual([]);
  await add("20990101000000_more", "CREATE TABLE more (n int); INSERT INTO more VALUES (1)");
  expect(await migrate(session, folder)).toEqual(["20990101000000_more"]);

  expect(await database.prisma.keys.count()).toBe(0);
  const rows = await session.query('SELECT * FROM "_prisma_migrations" ORDER BY migration_name');
  expect(rows).toHaveLength(ALL.length + 1);
  expect(rows[0]).toMatchObject({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
    migration_name: FIRST,
    finished_at: expect.any(Date),
    rolled_back_at: null,
    applied_steps_count: 1,
  });
});

test("of processes that migrate at once, one applies and the others wait", async () => {
  const processes = [1, 2, 3].map(() => startProcess("migrate", empty.url, empty.driver, MIGRATIONS));
  await Promise.all(processes.map((each) => each.line()));
  for (const { child } of processes) child.stdin?.write("go\n");
  const applied = await Promise.all(processes.map((each) => each.line()));
  expect(await Promise.all(processes.map((each) => each.end()))).toEqual([0, 0, 0]);
  expect(applied.sort()).toEqual(["[]", "[]", JSON.stringify(ALL)].sort());
});

test("refuses a migration that was changed after it had been applied", async () => {
  await migrate(session, folder);
  await add(FIRST, "-- nothing");
  await expect(migrate(session, folder)).rejects.toThrow(`${FIRST} was changed`);
});

test("refuses to go on after a migration that Prisma left half-way, until that is resolved", async () => {
  await migrate(session, folder);
  await session.query('UPDATE "_prisma_migrations" SET finished_at = NULL WHERE migration_name = $1', [
    FIRST,
  ]);
  await expect(migrate(session, folder)).rejects.toThrow(`resolve --applied ${FIRST}`);
});

test("a migration that fails changes nothing, nor does what came before it", async () => {
  await add("20990101000000_broken", 'CREATE TABLE half (n int); INSERT INTO "nowhere" VALUES (1)');
  await expect(migrate(session, folder)).rejects.toThrow(/20990101000000_broken failed.*"nowhere"/);
  expect(await tables()).toEqual([]);
  await add("20990101000000_broken", "CREATE TABLE half (n int)");
  expect(await migrate(session, folder)).toEqual([...ALL, "20990101000000_broken"]);
});
