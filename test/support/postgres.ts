/** Vitest's global set-up: one PostgreSQL server for the whole run, with a migrated database to copy. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { pino } from "pino";
import type { TestProject } from "vitest/node";
import { connectSession, type Driver } from "../../worker/db/driver.ts";
import { startEmbeddedPostgres } from "../../worker/db/embedded.ts";
import { migrate } from "../../worker/db/migrate.ts";
import { startNeonProxy } from "./neon-proxy.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The server's URL as its superuser. */
    postgres: string;
    /** At which the same server is reached as if it were Neon's. */
    neonPort: number;
    driver: Driver;
  }
}

export const TEMPLATE = "migrated";

export default async function start(root: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (!root.vitest.projects.some(({ name }) => /^(worker|system)/.test(name))) return undefined;
  const log = pino({ level: "silent" });
  const folder = await makeFolder();
  const server = await startEmbeddedPostgres(folder, log);

  const admin = await connectSession(new URL(server.url), "pg", log);
  await admin.query(`CREATE DATABASE ${TEMPLATE}`);
  await admin.close();
  const template = await connectSession(new URL(`/${TEMPLATE}`, server.url), "pg", log);
  await migrate(template, new URL("../../prisma/migrations", import.meta.url));
  await template.close();

  const proxy = await startNeonProxy(Number(new URL(server.url).port));
  root.provide("postgres", server.url);
  root.provide("neonPort", proxy.port);
  return async () => {
    await proxy.close();
    await server.stop();
    await rm(folder, { recursive: true });
  };
}

/** An empty folder that the server can reach also when it runs as another user (under root). */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "satoshigle-"));
  await chmod(folder, 0o755);
  return folder;
}
