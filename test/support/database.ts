import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { inject } from "vitest";
import { connectSession, type Driver } from "../../worker/db/driver.ts";
import { TEMPLATE } from "./postgres.ts";

export const silent = pino({ level: "silent" });

export interface TestDatabase {
  url: string;
  /** What this project tests: pass it to `openDatabase` along with `url`. */
  driver: Driver;
  /** Drops the database, whoever is connected to it. */
  drop(): Promise<void>;
}

/**
 * A database of its own on the run's server: migrated, unless another template is named, and without rows. Its texts are in
 * the order of their bytes, unless an ICU locale is given, which needs `template0`.
 */
export async function createDatabase(
  template: "template0" | typeof TEMPLATE = TEMPLATE,
  locale?: string,
): Promise<TestDatabase> {
  const driver = inject("driver");
  const name = `test_${randomUUID()}`;
  const url = new URL(inject("postgres"));
  const collation = locale ? `LOCALE_PROVIDER icu ICU_LOCALE '${locale}' LOCALE 'C'` : "";
  await administer(`CREATE DATABASE "${name}" TEMPLATE ${template} ${collation}`);
  url.pathname = name;
  if (driver === "neon") url.port = String(inject("neonPort"));
  return {
    url: url.href,
    driver,
    async drop() {
      await administer(`DROP DATABASE "${name}" WITH (FORCE)`);
    },
  };
}

async function administer(sql: string): Promise<void> {
  const session = await connectSession(new URL(inject("postgres")), "pg", silent);
  try {
    await session.query(sql);
  } finally {
    await session.close();
  }
}
