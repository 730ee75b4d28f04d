import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { describe, type SqlClient } from "./session.ts";

/** The advisory lock under which Prisma itself migrates. */
const PRISMA_LOCK = 72707369;
/** Building an index on a large table takes a while, and so may another process that migrates. */
const MIGRATION_TIMEOUT_MS = 600_000;

/** Prisma's table, word for word. */
const CREATE_HISTORY = `
  CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                  VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum"            VARCHAR(64) NOT NULL,
    "finished_at"         TIMESTAMPTZ,
    "migration_name"      VARCHAR(255) NOT NULL,
    "logs"                TEXT,
    "rolled_back_at"      TIMESTAMPTZ,
    "started_at"          TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count" INTEGER NOT NULL DEFAULT 0
  )`;

interface Migration {
  name: string;
  sql: string;
  /** sha256 of the file, in hexadecimal digits. */
  checksum: string;
}

const History = v.array(v.object({ name: v.string(), checksum: v.string(), finished: v.boolean() }));
type History = v.InferOutput<typeof History>;

/**
 * Brings the schema up to date as `prisma migrate deploy` would, which cannot run without its engine:
 * applies what `folder` (prisma/migrations) holds and the database has not had, all of it or nothing, and
 * records it where Prisma looks. Any number of processes may call it at once; one applies, the others wait.
 * Returns the names of the migrations applied. Rejects if one fails, has failed before, or was changed since.
 */
export async function migrate(client: SqlClient, folder: URL | string): Promise<string[]> {
  const migrations = await readMigrations(folder);
  const run = (sql: string, values?: unknown[]) => client.query(sql, values, MIGRATION_TIMEOUT_MS);

  await run("BEGIN");
  try {
    await run("SELECT pg_advisory_xact_lock($1)", [PRISMA_LOCK]);
    await run(CREATE_HISTORY);
    const history = v.parse(
      History,
      await run(
        `SELECT "migration_name" AS "name", "checksum", "finished_at" IS NOT NULL AS "finished"
         FROM "_prisma_migrations" WHERE "rolled_back_at" IS NULL`,
      ),
    );
    const pending = selectPending(migrations, history);
    for (const { name, sql, checksum } of pending) {
      await run(sql).catch((error) => {
        throw new Error(
          `migration ${name} failed, and nothing was changed: ${describe(error)}. ` +
            `If the database already has what it creates, record it once with "npx prisma migrate resolve --applied ${name}".`,
          { cause: error },
        );
      });
      await run(
        `INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name", "finished_at", "applied_steps_count")
         VALUES ($1, $2, $3, clock_timestamp(), 1)`,
        [randomUUID(), checksum, name],
      );
    }
    await run("COMMIT");
    return pending.map(({ name }) => name);
  } catch (error) {
    // The session may be what failed; then the server rolls back by itself.
    await run("ROLLBACK").catch(() => {});
    throw error;
  }
}

/** The migrations still to apply, in order. Throws if the history does not allow to go on. */
function selectPending(migrations: readonly Migration[], history: History): Migration[] {
  const failed = history.find(({ finished }) => !finished);
  if (failed) {
    throw new Error(
      `migration ${failed.name} failed half-way earlier: repair the schema, then run ` +
        `"npx prisma migrate resolve --applied ${failed.name}" (or --rolled-back, to have it applied again)`,
    );
  }
  const checksums = new Map(history.map(({ name, checksum }) => [name, checksum]));
  return migrations.filter(({ name, checksum }) => {
    const applied = checksums.get(name);
    if (applied !== undefined && applied !== checksum) {
      throw new Error(
        `migration ${name} was changed after it had been applied: restore its migration.sql and put the change into a new migration`,
      );
    }
    return applied === undefined;
  });
}

/** The migrations in `folder`, in the order of their names, which start with a time. */
async function readMigrations(folder: URL | string): Promise<Migration[]> {
  const root = typeof folder === "string" ? folder : fileURLToPath(folder);
  const entries = await readdir(root, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(
    names.sort().map(async (name) => {
      const file = await readFile(path.join(root, name, "migration.sql"));
      return { name, sql: file.toString(), checksum: createHash("sha256").update(file).digest("hex") };
    }),
  );
}
