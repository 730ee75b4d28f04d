import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { connectSession } from "./driver.ts";
import { placeServer } from "./placement.ts";
import {
  createCluster,
  dataFolder,
  findPostmaster,
  isPostmaster,
  type Postmaster,
  readPassword,
  type Starting,
  SUPERUSER,
  startPostmaster,
} from "./postmaster.ts";
import { describe, type SqlClient } from "./session.ts";

const START_TIMEOUT_MS = 30_000;
const START_ATTEMPTS = 20;
const RETRY_MS = 250;
const POLL_MS = 25;
/** Sessions that were closed a moment ago linger on the server's list. */
const OTHERS_TIMEOUT_MS = 1_000;
const STOP_TIMEOUT_MS = 3_000;

/** Whoever uses the server holds this advisory lock, shared; whoever stops it, exclusively. */
const LEASE_LOCK = 72707370;
const LEASE_NAME = "satoshigle lease";

export interface EmbeddedPostgres {
  /** `postgresql://` with the password, on 127.0.0.1. */
  readonly url: string;
  /** Stops the server unless others still use it. Never rejects; takes 7 s at the very most. */
  stop(): Promise<void>;
  /** Resolves with the reason when the server is gone without having been stopped by `stop()`. */
  readonly exited: Promise<Error>;
}

/** A session that shows the server to be in use, for as long as it lasts. */
interface Lease extends Postmaster {
  session: SqlClient;
}

/**
 * Makes sure that a PostgreSQL server runs on `folder`, and uses it: one that is running already, whoever
 * started it, or a new one. Any number of processes may call this at once on one folder: PostgreSQL allows
 * one server only on its data, and those that come second find it. A server outlives a process that is
 * killed; the next one uses it and stops it.
 * Rejects within 30 s with an Error that holds what the server wrote; on a platform without binaries, at once.
 */
export async function startEmbeddedPostgres(folder: string, log: Logger): Promise<EmbeddedPostgres> {
  const place = await placeServer(folder, log);
  await createCluster(place);
  const data = dataFolder(place);
  const password = await readPassword(place).catch((error) => {
    throw new Error(
      `the database in ${path.dirname(data)} is damaged (${describe(error)}): restore it from a backup, or delete ${folder} to start afresh`,
    );
  });
  const urlAt = (port: number) => `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`;

  async function lease(postmaster: Postmaster): Promise<Lease> {
    const session = await connectSession(new URL(urlAt(postmaster.port)), "pg", log);
    try {
      await session.query("SELECT set_config('application_name', $1, false)", [LEASE_NAME]);
      await session.query("SELECT pg_advisory_lock_shared($1)", [LEASE_LOCK]);
      return { ...postmaster, session };
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async function findOrStart(): Promise<Lease> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    let started: Starting | undefined;
    let reason: unknown = "it exits at once";
    for (let attempts = 0; attempts < START_ATTEMPTS && Date.now() < deadline; await sleep(POLL_MS)) {
      const postmaster = await findPostmaster(data);
      if (postmaster) {
        try {
          return await lease(postmaster);
        } catch (error) {
          reason = error; // starting, or stopping
        }
      } else if (!started || started.hasExited()) {
        if (started) await sleep(RETRY_MS);
        started = await startPostmaster(place, log);
        attempts += 1;
      }
    }
    const report = started?.report() ?? "";
    throw new Error(
      `the embedded PostgreSQL in ${data} cannot be used: ${describe(reason)}; if its data is damaged, restore it from a backup, or delete ${folder} to start afresh\n${report}`,
    );
  }

  let held = await findOrStart();
  const { port } = held;
  log.debug({ data, pid: held.pid, port }, "using the embedded PostgreSQL");
  let stopping: Promise<void> | undefined;

  /** A session may be lost while the server lives on: when it recovers from the crash of another session. */
  async function watchServer(): Promise<Error> {
    for (;;) {
      await held.session.ended;
      if (stopping) return new Promise(() => {});
      while ((await findPostmaster(data))?.pid === held.pid) {
        const renewed = await lease(held).catch(() => undefined);
        if (renewed && stopping) await renewed.session.close();
        if (stopping) return new Promise(() => {});
        if (renewed) held = renewed;
        if (renewed) break;
        await sleep(POLL_MS);
      }
      if ((await findPostmaster(data))?.pid !== held.pid) {
        return new Error(`the embedded PostgreSQL in ${data} is gone (its process was ${held.pid})`);
      }
    }
  }

  return {
    url: urlAt(port),
    exited: watchServer(),
    stop() {
      stopping ??= giveBack(held, () => lease(held), data, log);
      return stopping;
    },
  };
}

/**
 * Gives the lease back, and stops the server if that was the last use of it. The session of the lease may
 * just have been lost while the server lives on: then it is taken again first.
 */
async function giveBack(held: Lease, renew: () => Promise<Lease>, data: string, log: Logger): Promise<void> {
  let { session } = held;
  for (const deadline = Date.now() + STOP_TIMEOUT_MS; ; await sleep(POLL_MS)) {
    try {
      if (await isLastUser(session)) await shutDown(held.pid, data);
      else log.info("the embedded PostgreSQL goes on for others who use it");
      return await session.close();
    } catch (error) {
      await session.close();
      if ((await findPostmaster(data))?.pid !== held.pid) return;
      if (Date.now() > deadline) {
        return log.warn(
          { reason: describe(error) },
          "the embedded PostgreSQL could not be stopped, and goes on",
        );
      }
      session = (await renew().catch(() => held)).session;
    }
  }
}

/**
 * Whether nobody else uses the server. If so, nobody can begin to: the lock is held then, and a newcomer
 * waits for it until the server is gone, and starts another.
 */
async function isLastUser(session: SqlClient): Promise<boolean> {
  await session.query("SELECT pg_advisory_unlock_shared($1)", [LEASE_LOCK]);
  let locked = false;
  for (const deadline = Date.now() + OTHERS_TIMEOUT_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    if (!locked) {
      const [row] = await session.query("SELECT pg_try_advisory_lock($1) AS locked", [LEASE_LOCK]);
      locked = row?.locked === true;
    }
    const others = await session.query(
      "SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> $1 LIMIT 1",
      [LEASE_NAME],
    );
    if (locked && others.length === 0) return true;
  }
  return false;
}

/** A fast shutdown; if that takes too long, an immediate one, from which the next start recovers. */
async function shutDown(pid: number, data: string): Promise<void> {
  for (const signal of ["SIGINT", "SIGQUIT"] as const) {
    if (await isPostmaster(pid, data)) process.kill(pid, signal);
    for (const deadline = Date.now() + STOP_TIMEOUT_MS; Date.now() < deadline; await sleep(POLL_MS)) {
      if (!(await isPostmaster(pid, data))) return;
    }
  }
}
