/** A PostgreSQL server of its own, to be stopped, started again on the same port, and frozen. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { inject } from "vitest";
import { connectSession } from "../../worker/db/driver.ts";
import { freePort } from "../../worker/db/free-port.ts";
import { migrate } from "../../worker/db/migrate.ts";
import { placeServer } from "../../worker/db/placement.ts";
import { createCluster, dataFolder, readPassword, SUPERUSER } from "../../worker/db/postmaster.ts";
import { silent, type TestDatabase } from "./database.ts";
import { startNeonProxy } from "./neon-proxy.ts";
import { makeFolder } from "./postgres.ts";

export interface FaultyPostgres {
  /** Migrated and without rows; it goes with the server. */
  database: TestDatabase;
  /** Ends all connections, and refuses new ones. */
  stop(): Promise<void>;
  /** Resolves when it takes connections again, with what was in it. */
  start(): Promise<void>;
  /** Leaves all connections open, and answers none: not even new ones. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Ends all connections, and takes new ones. */
  terminate(): Promise<void>;
  close(): Promise<void>;
}

export const startFaultyPostgres = async (): Promise<FaultyPostgres> => {
  const folder = await makeFolder();
  const place = await placeServer(folder, silent);
  await createCluster(place);
  const port = await freePort();
  const url = `postgresql://${SUPERUSER}:${await readPassword(place)}@127.0.0.1:${port}/postgres`;
  const connect = () => connectSession(new URL(url), "pg", silent);
  let server: ChildProcess;
  let frozen: number[] = [];

  const start = async () => {
    const settings = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="];
    server = spawn(
      path.join(place.native, "bin", "postgres"),
      ["-D", dataFolder(place), "-p", String(port), ...settings],
      { ...place.user, cwd: "/", env: { LC_ALL: "C" }, stdio: ["ignore", "ignore", "pipe"] },
    );
    for await (const line of createInterface(server.stderr as Readable)) {
      if (line.includes("ready to accept connections")) break;
    }
    server.stderr?.resume();
  };
  const end = async (signal: NodeJS.Signals) => {
    const exited = once(server, "exit");
    server.kill(signal);
    await exited;
  };
  const thaw = async () => {
    for (const pid of frozen) process.kill(pid, "SIGCONT");
    frozen = [];
  };

  await start();
  const session = await connect();
  await migrate(session, new URL("../../prisma/migrations", import.meta.url));
  await session.close();
  const driver = inject("driver");
  const proxy = driver === "neon" ? await startNeonProxy(port) : undefined;
  const seen = new URL(url);
  if (proxy) seen.port = String(proxy.port);

  return {
    database: { url: seen.href, driver, drop: async () => {} },
    start,
    stop: () => end("SIGINT"),
    async freeze() {
      const session = await connect();
      const pid = server.pid ?? 0;
      // First who starts the others, so that none is missed.
      process.kill(pid, "SIGSTOP");
      const others = await session.query("SELECT pid FROM pg_stat_activity", []);
      frozen = [pid, ...others.map((row) => Number(row.pid))];
      for (const other of frozen) process.kill(other, "SIGSTOP");
      void session.close();
    },
    thaw,
    async terminate() {
      const session = await connect();
      await session.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
      );
      await session.close();
    },
    async close() {
      await thaw();
      if (server.exitCode === null) await end("SIGQUIT");
      await proxy?.close();
      await rm(folder, { recursive: true });
    },
  };
};
