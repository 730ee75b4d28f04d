import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { Logger } from "pino";
import { freePort } from "./free-port.ts";
import { exists, ignore, type Placement } from "./placement.ts";
import { describe } from "./session.ts";

export const SUPERUSER = "satoshigle";
const LOG_LINES_KEPT = 20;

/** Nothing of ours is handed on: the server needs none of it, and our environment holds secrets. */
const ENVIRONMENT = { LC_ALL: "C" };

/** Small and quiet, but a commit is on the disk when it is acknowledged: `fsync` stays on. */
const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "100",
  shared_buffers: "32MB",
  wal_level: "minimal",
  max_wal_senders: "0",
  jit: "off",
  // A failing statement may hold a secret key, and so may the row that an error quotes.
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
};

/** What `postmaster.pid` says of the server that runs on a data folder, or ran there and died. */
export interface Postmaster {
  pid: number;
  port: number;
}

export const dataFolder = ({ base }: Placement) => path.join(base, "postgres", "data");

export const readPassword = ({ base }: Placement) =>
  readFile(path.join(base, "postgres", "password"), "utf8");

/**
 * Creates the database cluster and its password, unless there is one. It is built aside and renamed, so that
 * it exists whole or not at all, and of several processes that do so at once, the first wins.
 */
export async function createCluster(place: Placement): Promise<void> {
  const { base, native, user } = place;
  await removeAbandoned(base);
  const final = path.join(base, "postgres");
  if (await exists(final)) return;
  const draft = path.join(base, `postgres.new-${process.pid}-data`);
  const password = path.join(draft, "password");
  try {
    await mkdir(draft, { mode: 0o700 });
    await writeFile(password, randomBytes(24).toString("hex"), { mode: 0o600 });
    if (user) for (const owned of [draft, password]) await chown(owned, user.uid, user.gid);
    const options = ["--auth=scram-sha-256", `--pwfile=${password}`, `--username=${SUPERUSER}`];
    // Iterations make guessing slow, and every connection: nobody guesses 24 random bytes.
    const settings = ["--set=scram_iterations=1", "--encoding=UTF8", "--locale=C"];
    await promisify(execFile)(
      path.join(native, "bin", "initdb"),
      [...options, ...settings, "-D", path.join(draft, "data")],
      { ...user, cwd: "/", env: ENVIRONMENT, timeout: 60_000 },
    ).catch((error: unknown) => {
      const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
      throw new Error(`cannot create the embedded database in ${base}: ${said || describe(error)}`);
    });
    await rename(draft, final).catch(ignore("ENOTEMPTY", "EEXIST"));
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Removes what processes that were killed in the middle have left behind. */
async function removeAbandoned(base: string): Promise<void> {
  for (const name of await readdir(base)) {
    const pid = Number(/^postgres\.new-(\d+)-/.exec(name)?.[1]);
    if (pid > 0 && pid !== process.pid && !isAlive(pid)) {
      await rm(path.join(base, name), { recursive: true, force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * The server that is running on the data folder, starting or stopping, if there is one.
 * A `postmaster.pid` whose process is dead PostgreSQL itself sees through, but if the number has gone to
 * another process since, it refuses to start: then the file is removed here.
 */
export async function findPostmaster(data: string): Promise<Postmaster | undefined> {
  const file = path.join(data, "postmaster.pid");
  const read = () => readFile(file, "utf8").catch(() => "");
  const text = await read();
  const [pid, , , port] = text.split("\n").map(Number);
  if (!pid || pid <= 0) return undefined;
  if (await isPostmaster(pid, data)) return port ? { pid, port } : undefined;
  // Read again: meanwhile another process may have started a server.
  if (isAlive(pid) && (await read()) === text) await rm(file, { force: true });
  return undefined;
}

/** Whether this process is a PostgreSQL that was started on this data folder. */
export async function isPostmaster(pid: number, data: string): Promise<boolean> {
  const command = await (process.platform === "linux"
    ? readFile(`/proc/${pid}/cmdline`, "utf8")
    : promisify(execFile)("ps", ["-o", "command=", "-p", String(pid)]).then(({ stdout }) => stdout)
  ).catch(() => "");
  return command.includes(data);
}

/** A server that was started, and may be starting still. */
export interface Starting {
  /** Resolves when it has exited. */
  exited: Promise<void>;
  hasExited(): boolean;
  /** The last lines that it wrote. */
  report(): string;
}

/**
 * Starts the server on a port that the OS gives. It outlives this process and its terminal: it is in a process
 * group of its own, and stopping it is up to whoever uses it last.
 */
export async function startPostmaster(place: Placement, log: Logger): Promise<Starting> {
  // PostgreSQL cannot be told to take any port; should another program take this one first, the start is repeated.
  const port = await freePort();
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(
    path.join(place.native, "bin", "postgres"),
    ["-D", dataFolder(place), "-p", String(port), ...settings],
    { ...place.user, cwd: "/", env: ENVIRONMENT, detached: true, stdio: ["ignore", "ignore", "pipe"] },
  );
  const lines: string[] = [];
  createInterface(child.stderr).on("line", (line) => {
    log.debug({ line }, "embedded PostgreSQL");
    lines.push(line);
    if (lines.length > LOG_LINES_KEPT) lines.shift();
  });
  let over = false;
  const exited = new Promise<void>((resolve) => {
    const finish = () => {
      over = true;
      resolve();
    };
    child.on("error", (error) => {
      lines.push(error.message);
      finish();
    });
    child.on("close", finish);
  });
  child.unref();
  if (child.stderr instanceof net.Socket) child.stderr.unref();
  return { exited, hasExited: () => over, report: () => lines.join("\n") };
}
