/** A Redis server that keeps nothing, on a socket of its own in a folder that goes with it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Usage } from "../../program.ts";
import { usageOf } from "./process.ts";

export interface Redis {
  /** The path of its socket. */
  path: string;
  usage(): Promise<Usage>;
  end(): Promise<void>;
}

/** `undefined`: there is no `redis-server` on this machine (Debian's package of that name). */
export const startRedis = async (): Promise<Redis | undefined> => {
  const folder = await mkdtemp(join(tmpdir(), "bench-redis-"));
  const path = join(folder, "redis.sock");
  const args = ["--port", "0", "--unixsocket", path, "--save", "", "--dir", folder];
  const child = spawn("redis-server", args, { stdio: ["ignore", "pipe", "ignore"] });
  const exited = new Promise((resolve) => child.once("close", resolve));
  const end = async () => {
    child.kill();
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await once(child, "spawn");
  } catch {
    await end();
    return undefined;
  }
  const { pid } = child;
  if (pid === undefined) throw new Error("redis-server has no process");
  let said = "";
  for await (const chunk of child.stdout) {
    said += chunk;
    if (/ready to accept connections/i.test(said)) return { path, usage: () => usageOf(pid), end };
  }
  await end();
  throw new Error(`redis-server has ended: ${said.slice(-500)}`);
};
