import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "../../worker/db/free-port.ts";

const DEV = fileURLToPath(new URL("../../edge/dev.mjs", import.meta.url));

type Running = { pid: number; parent: number; command: string };

const running = (): Running[] =>
  execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat=,args="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , state]) => state !== undefined && !state.startsWith("Z"))
    .map(([pid, parent, , ...words]) => ({
      pid: Number(pid),
      parent: Number(parent),
      command: words.join(" "),
    }));

const descendants = (pid: number, all = running()): Running[] =>
  all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...descendants(child.pid, all)]);

let folder: string;
let dev: ChildProcess;
let url: string;
let family: Running[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "edge-"));
  const port = await freePort();
  url = `http://127.0.0.1:${port}/health`;
  const child = spawn(process.execPath, [DEV], {
    cwd: folder,
    env: { ...process.env, PORT: String(port) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  dev = child;
  for await (const line of createInterface(child.stdout)) if (line.includes("Ready on")) break;
  child.stdout.resume();
  expect((await fetch(url)).status).toBe(200);
  family = descendants(child.pid ?? 0);
});

afterEach(async () => {
  const pids = new Set(family.map(({ pid }) => pid));
  const left = () => running().filter(({ pid }) => pids.has(pid));
  await expect.poll(left, { timeout: 5_000 }).toEqual([]);
  await expect(fetch(url)).rejects.toThrow();
  await rm(folder, { recursive: true });
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s stops all of it, cleanly", async (signal) => {
  const exited = once(dev, "exit");
  dev.kill(signal);
  expect(await exited).toEqual([0, null]);
});

test("the death of workerd, which wrangler would mend, ends all of it with an error", async () => {
  const workerd = family.find(({ command }) => command.includes("workerd serve"));
  const exited = once(dev, "exit");
  process.kill(workerd?.pid ?? 0, "SIGKILL");
  expect(await exited).toEqual([1, null]);
});
