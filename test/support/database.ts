import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { inject } from "vitest";
import { connectSession, type Driver } from "../../worker/db/driver.ts";
import { startNeonProxy } from "./neon-proxy.ts";
import { TEMPLATE } from "./postgres.ts";

export const silent = pino({ level: "silent" });

export interface TestDatabase {
  url: string;
  /** What this project tests: pass it to `openDatabase` along with `url`. */
  driver: Driver;
  /** Drops the database, whoever is connected to it. */
  drop(): Promise<void>;
}

/** A database of its own on the run's server: migrated, unless another template is named, and without rows. */
export async function createDatabase(
  template: "template0" | typeof TEMPLATE = TEMPLATE,
): Promise<TestDatabase> {
  const driver = inject("driver");
  const name = `test_${randomUUID()}`;
  const url = new URL(inject("postgres"));
  await administer(`CREATE DATABASE "${name}" TEMPLATE ${template}`);
  const proxy = driver === "neon" ? await startNeonProxy(Number(url.port)) : undefined;
  url.pathname = name;
  if (proxy) url.port = String(proxy.port);
  return {
    url: url.href,
    driver,
    async drop() {
      await administer(`DROP DATABASE "${name}" WITH (FORCE)`);
      await proxy?.close();
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
