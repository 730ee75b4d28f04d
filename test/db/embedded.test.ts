import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { connectSession } from "../../worker/db/driver.ts";
import { startEmbeddedPostgres } from "../../worker/db/embedded.ts";
import type { SqlClient } from "../../worker/db/session.ts";
import { silent } from "../support/database.ts";
import { makeFolder } from "../support/postgres.ts";
import { startProcess } from "../support/process.ts";

let folder: string;

beforeEach(async () => {
  folder = await makeFolder();
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const connect = (url: string) => connectSession(new URL(url), "pg", silent);

const pidFile = () => path.join(folder, "postgres", "data", "postmaster.pid");

async function serverPid(): Promise<number> {
  return Number((await readFile(pidFile(), "utf8")).split("\n")[0]);
}

/** Whether a server answers at the URL. */
async function answers(url: string): Promise<boolean> {
  const session = await connect(url).catch(() => undefined);
  await session?.close();
  return session !== undefined;
}

/** Asks of the server until it is so; the server's own list of sessions is a little behind. */
async function untilRow(session: SqlClient, sql: string): Promise<void> {
  while ((await session.query(sql)).length === 0);
}

test("processes that start at once share one server, which the last one stops", async () => {
  const processes = [1, 2, 3].map(() => startProcess("embedded", folder));
  const urls = await Promise.all(processes.map((each) => each.line()));
  const url = urls[0] ?? "";
  expect(new Set(urls).size).toBe(1);

  const [first, ...others] = processes;
  expect(await first?.end()).toBe(0);
  expect(await answers(url)).toBe(true);
  // Two that stop at the same moment must not each leave the server to the other.
  expect(await Promise.all(others.map((each) => each.end()))).toEqual([0, 0]);
  expect(await answers(url)).toBe(false);
});

test("the server stays for a client that it does not know of", async () => {
  const server = await startEmbeddedPostgres(folder, silent);
  const session = await connect(server.url);
  await server.stop();
  expect(await session.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  await session.close();

  const again = await startEmbeddedPostgres(folder, silent);
  expect(again.url).toBe(server.url);
  await again.stop();
  expect(await answers(server.url)).toBe(false);
});

test("a server that is killed is noticed, and the next one has every row", async () => {
  const server = await startEmbeddedPostgres(folder, silent);
  const session = await connect(server.url);
  await session.query("CREATE TABLE kept (n int); INSERT INTO kept SELECT generate_series(1, 1000)");
  const pid = await serverPid();
  process.kill(pid, "SIGKILL");
  expect((await server.exited).message).toContain(String(pid));
  await server.stop();
  await session.close();

  const next = await startEmbeddedPostgres(folder, silent);
  const reader = await connect(next.url);
  expect(await reader.query("SELECT count(*)::int AS n FROM kept")).toEqual([{ n: 1000 }]);
  await reader.close();
  await next.stop();
});

test("a process that is killed leaves its server to the next one", async () => {
  const killed = startProcess("embedded", folder);
  const url = await killed.line();
  killed.child.kill("SIGKILL");
  await killed.end();

  const server = await startEmbeddedPostgres(folder, silent);
  expect(server.url).toBe(url);
  await server.stop();
  expect(await answers(url)).toBe(false);
});

test("a stale pid file whose number now belongs to another process does not stand in the way", async () => {
  const server = await startEmbeddedPostgres(folder, silent);
  const text = await readFile(pidFile(), "utf8");
  await server.stop();
  await writeFile(pidFile(), text.replace(/^\d+/, String(process.pid)));

  const next = await startEmbeddedPostgres(folder, silent);
  expect(await answers(next.url)).toBe(true);
  await next.stop();
});

test("the crash of one session costs the others theirs, but is not the end of the server", async () => {
  const server = await startEmbeddedPostgres(folder, silent);
  let gone = false;
  server.exited.then(() => {
    gone = true;
  });
  const session = await connect(server.url);
  const [row] = await session.query("SELECT pg_backend_pid() AS pid");
  process.kill(Number(row?.["pid"]), "SIGKILL");
  await session.ended;
  await session.close();

  let after: SqlClient | undefined;
  while (!after) after = await connect(server.url).catch(() => undefined);
  await untilRow(after, "SELECT FROM pg_stat_activity WHERE application_name = 'satoshigle lease'");
  expect(gone).toBe(false);
  await after.close();
  await server.stop();
  expect(await answers(server.url)).toBe(false);
});

test("the password is for the owner's eyes only", async () => {
  const server = await startEmbeddedPostgres(folder, silent);
  const { mode } = await stat(path.join(folder, "postgres", "password"));
  expect(mode & 0o777).toBe(0o600);
  const url = new URL(server.url);
  url.password = "guessed";
  await expect(connect(url.href)).rejects.toThrow("password authentication failed");
  await server.stop();
});

test("a platform without binaries is told what to do instead", async () => {
  const platform = Object.getOwnPropertyDescriptor(process, "platform") ?? {};
  Object.defineProperty(process, "platform", { ...platform, value: "plan9" });
  try {
    await expect(startEmbeddedPostgres(folder, silent)).rejects.toThrow(/plan9.*set DATABASE_URL/);
  } finally {
    Object.defineProperty(process, "platform", platform);
  }
});

test("a folder that only its owner may enter will do, also for root, whose server runs as another user", async () => {
  const closed = path.join(folder, "closed");
  await mkdir(closed, { mode: 0o700 });
  const server = await startEmbeddedPostgres(path.join(closed, "data"), silent);
  const session = await connect(server.url);
  const [row] = await session.query("SHOW data_directory");
  await session.close();
  await server.stop();
  const data = String(row?.["data_directory"]);
  const base = path.dirname(path.dirname(data));
  if (process.getuid?.() === 0) {
    expect(base).toMatch(/^\/var\/tmp\/satoshigle-[0-9a-f]{16}$/);
    await rm(base, { recursive: true });
  } else {
    expect(base).toBe(path.join(closed, "data"));
  }
});
