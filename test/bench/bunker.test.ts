/** The bench of the bunker in its short form: that it measures, not what. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeFolder } from "../support/postgres.ts";

const MAIN = fileURLToPath(new URL("../../bench/bunker/main.ts", import.meta.url));

/** Where the bench keeps its database. */
let folder: string;
beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(() => rm(folder, { recursive: true }));

/** In a process group of its own, as a terminal would start it. */
const startBench = (...args: string[]) => {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env.PATH, TMPDIR: folder },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  let progress = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    progress += chunk;
  });
  const exited = once(child, "close");
  return {
    /** Until it tells of this. */
    tells: async (of: RegExp) => {
      while (!of.test(progress)) await once(child.stderr, "data");
    },
    interrupt: () => process.kill(-Number(child.pid), "SIGINT"),
    ended: async () => {
      const [code] = await exited;
      return { code, output, progress };
    },
    isAnyLeft: () => {
      try {
        return process.kill(-Number(child.pid), 0);
      } catch {
        return false;
      }
    },
  };
};

/** The rows of all tables in a report, without their heads. */
const rowsOf = (report: string): string[][] =>
  report
    .split("\n\n")
    .filter((part) => part.startsWith("|"))
    .flatMap((table) => table.trim().split("\n").slice(2))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

test("every server is measured, and each request is answered once", { timeout: 90_000 }, async () => {
  const bench = startBench("--short", "--crypto", "wasm");
  const { code, output, progress } = await bench.ended();
  expect(code, progress).toBe(0);
  const rows = rowsOf(output);
  expect(rows.map(([name]) => name)).toEqual(["NDKNip46Backend", "worker, wasm", "20"]);
  for (const [name, ...cells] of rows) {
    expect(cells.at(-1), name).toBe("0");
    // The cryptography alone is not measured for NDK's signer.
    const figures = name === "NDKNip46Backend" ? cells.filter((cell) => cell !== "") : cells;
    for (const figure of figures) expect(figure, name).toMatch(/^-?[\d,]+(\.\d+)?( %|×)?$/);
  }
  expect(await readdir(folder)).toEqual([]);
});

test("Ctrl-C ends it, and all that it has started", { timeout: 60_000 }, async () => {
  const bench = startBench("throughput", "--short", "--crypto", "noble");
  await bench.tells(/the worker/);
  bench.interrupt();
  expect(await bench.ended()).toMatchObject({ code: 130 });
  expect(bench.isAnyLeft()).toBe(false);
  // The database's server is in a group of its own; the folder goes when it has ended.
  expect(await readdir(folder)).toEqual([]);
});
