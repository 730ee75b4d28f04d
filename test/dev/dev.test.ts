/** `npm run dev` as a newcomer meets it: three programs, one Ctrl-C, and nothing left behind. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { BunkerSigner, parseBunkerInput } from "nostr-tools/nip46";
import { SimplePool } from "nostr-tools/pool";
import { generateSecretKey, verifyEvent } from "nostr-tools/pure";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { freePort } from "../../worker/db/free-port.ts";
import { BARE } from "../support/process.ts";

const MAIN = fileURLToPath(new URL("../../worker/dev/main.ts", import.meta.url));
const CLI = fileURLToPath(new URL("../../worker/cli/main.ts", import.meta.url));
const STOP_MS = 5_000;

/** What a newcomer's shell has. */
const SHELL = { ...BARE, HOME: process.env.HOME };

let folder: string;
let dev: Dev | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "satoshigle-dev-"));
});
afterEach(async () => {
  await dev?.end("SIGTERM");
  dev = undefined;
});
afterAll(() => rm(folder, { recursive: true }));

interface Dev {
  process: ChildProcess;
  lines: string[];
  line(pattern: RegExp): Promise<string>;
  end(signal: NodeJS.Signals): Promise<number | null>;
}

const startDev = async (): Promise<Dev> => {
  const port = await freePort();
  const child = spawn(process.execPath, [MAIN], {
    cwd: folder,
    env: { ...SHELL, PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const lines: string[] = [];
  const exited = once(child, "close");
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) throw new Error("dev has no output");
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      for (const check of waiting) check();
    });
  }
  void exited.then(() => {
    for (const check of waiting) check();
  });
  return {
    process: child,
    lines,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const found = lines.find((line) => pattern.test(line));
          const gone = child.exitCode !== null || child.signalCode !== null;
          if (!found && !gone) return;
          waiting.delete(check);
          if (found) resolve(found);
          else reject(new Error(`dev ended before ${pattern}:\n${lines.join("\n")}`));
        };
        waiting.add(check);
        check();
      }),
    end: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        await exited;
      }
      return child.exitCode;
    },
  };
};

interface Process {
  pid: number;
  ppid: number;
  args: string;
}

const processes = (): Process[] =>
  execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => {
      const [, pid = "", ppid = "", args = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return { pid: Number(pid), ppid: Number(ppid), args };
    });

/** Everything that descends from a process, itself not included. */
const descendants = (of: number): Process[] => {
  const all = processes();
  const found = all.filter(({ ppid }) => ppid === of);
  for (const { pid } of found) found.push(...all.filter(({ ppid }) => ppid === pid));
  return found;
};

const alive = (pids: number[]): Process[] =>
  processes().filter(({ pid, args }) => pids.includes(pid) && !args.includes("<defunct>"));

const bunkerUri = async (running: Dev): Promise<string> => {
  const line = await running.line(/^ {2}Bunker +bunker:/);
  await running.line(/Ctrl-C/);
  return line.trim().split(/\s+/)[1] ?? "";
};

const connect = async (uri: string) => {
  const pointer = await parseBunkerInput(uri);
  if (!pointer) throw new Error(`not a bunker URI: ${uri}`);
  const pool = new SimplePool();
  const signer = BunkerSigner.fromBunker(generateSecretKey(), pointer, { pool });
  await signer.connect();
  return { signer, close: () => pool.destroy() };
};

test("the first run serves page, health and bunker; Ctrl-C stops all of it", async () => {
  dev = await startDev();
  const uri = await bunkerUri(dev);
  expect((await stat(join(folder, ".satoshigle/master.key"))).mode & 0o777).toBe(0o600);
  const page = (await dev.line(/^ {2}Page/)).trim().split(/\s+/)[1] ?? "";
  expect(await (await fetch(new URL("health", page))).json()).toMatchObject({ status: "ok" });
  const html = await (await fetch(page)).text();
  for (const [, asset = ""] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g))
    expect((await fetch(new URL(asset, page))).status).toBe(200);
  const link = new URL((await dev.line(/^ {2}Sign in/)).trim().split(/\s+/)[2] ?? "");
  expect([new URL("/", link).href, new URLSearchParams(link.hash.slice(1)).get("bunker")]).toEqual([
    page,
    uri,
  ]);

  const { signer, close } = await connect(uri);
  const event = await signer.signEvent({ kind: 1, content: "hello", tags: [], created_at: 1_700_000_000 });
  expect(verifyEvent(event)).toBe(true);
  close();

  const started = descendants(dev.process.pid ?? 0).map(({ pid }) => pid);
  expect(started.length).toBeGreaterThan(3);
  const begin = performance.now();
  expect(await dev.end("SIGINT")).toBe(0);
  expect(performance.now() - begin).toBeLessThan(STOP_MS);
  expect(alive(started)).toEqual([]);
});

test("the second run has the same key, and a token for the next client", async () => {
  dev = await startDev();
  const first = await bunkerUri(dev);
  await (await connect(first)).close();
  await dev.end("SIGTERM");
  dev = await startDev();
  const second = await bunkerUri(dev);
  const keyOf = (uri: string) => new URL(uri).host;
  expect(keyOf(second)).toBe(keyOf(first));
  await (await connect(second)).close();
});

test("the command that is printed makes a token for another client, with the relay that runs", async () => {
  dev = await startDev();
  const first = await bunkerUri(dev);
  await (await connect(first)).close();
  const command = (await dev.line(/^ +npm run bunker -- /)).trim().split(" -- ")[1] ?? "";
  const printed = execFileSync(process.execPath, [CLI, "--json", ...command.split(" ")], {
    cwd: folder,
    env: SHELL,
    encoding: "utf8",
  });
  const { uri } = JSON.parse(printed);
  expect(uri).not.toBe(first);
  await (await connect(uri)).close();
});

test("a token that was revoked is not printed again", async () => {
  dev = await startDev();
  const first = await bunkerUri(dev);
  const token = new URL(first).searchParams.get("secret") ?? "";
  execFileSync(process.execPath, [CLI, "token", "revoke", "-"], {
    cwd: folder,
    env: SHELL,
    input: token,
  });
  await dev.end("SIGTERM");
  dev = await startDev();
  await (await connect(await bunkerUri(dev))).close();
}, 60_000); // Everything is started twice.

test.each([
  ["the worker", /worker\/main\.ts/, /the worker ended/],
  ["PostgreSQL", /bin\/postgres -D|postgres -D/, /PostgreSQL/],
  ["workerd", /workerd serve/, /the edge ended/],
  ["wrangler", /wrangler\.js dev|wrangler-dist\/cli\.js dev/, /the edge ended/],
])(
  "kill -9 of %s stops the rest, says why last, and the next start has every key",
  async (_name, which, reason) => {
    dev = await startDev();
    const uri = await bunkerUri(dev);
    const started = descendants(dev.process.pid ?? 0);
    const victim = started.find(({ args }) => which.test(args));
    if (!victim)
      throw new Error(`nothing like ${which} among\n${started.map(({ args }) => args).join("\n")}`);
    const exited = once(dev.process, "close");
    const begin = performance.now();
    process.kill(victim.pid, "SIGKILL");
    const [code] = await exited;
    expect(code).toBe(1);
    expect(performance.now() - begin).toBeLessThan(STOP_MS);
    expect(dev.lines.filter(Boolean).at(-1)).toMatch(reason);
    expect(alive(started.map(({ pid }) => pid))).toEqual([]);

    dev = await startDev();
    expect(new URL(await bunkerUri(dev)).host).toBe(new URL(uri).host);
  },
  // Everything is started twice.
  60_000,
);
