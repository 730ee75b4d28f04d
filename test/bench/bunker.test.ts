/** The bench of the bunker in its short form: that it measures, not what. */
import { readdir, rm } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { rowsOf, startBench } from "../support/bench.ts";
import { makeFolder } from "../support/postgres.ts";

/** Where the bench keeps its database. */
let folder: string;
beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(() => rm(folder, { recursive: true }));

const start = (...args: string[]) => startBench("bunker", args, { TMPDIR: folder });

test("every server is measured, and each request is answered once", { timeout: 90_000 }, async () => {
  const bench = start("--short", "--crypto", "wasm");
  const { code, output, progress } = await bench.ended();
  expect(code, progress).toBe(0);
  const rows = rowsOf(output);
  expect(rows.map(([name]) => name)).toEqual(["NDKNip46Backend", "worker, wasm", "20"]);
  for (const [name, ...cells] of rows) {
    expect(cells.at(-1), name).toBe("0");
    // The cryptography alone is not measured for NDK's signer.
    const figures = name === "NDKNip46Backend" ? cells.filter((cell) => cell !== "") : cells;
    for (const figure of figures) expect(figure, name).toMatch(/^-?[\d,]+(\.\d+)?( ± \d+\.\d)?( %|×)?$/);
  }
  expect(await readdir(folder)).toEqual([]);
});

test("a scan is measured, and keys that come and go", { timeout: 60_000 }, async () => {
  const scan = await start("scan", "--short").ended();
  expect(scan.code, scan.progress).toBe(0);
  expect(rowsOf(scan.output).map(([name, live]) => [name, live])).toEqual([
    ["first scan", "590"],
    ["next scan", "590"],
  ]);
  const churn = await start("churn", "--short").ended();
  expect(churn.code, churn.progress).toBe(0);
  const rows = new Map(rowsOf(churn.output).map(([name, figure]) => [name, figure]));
  expect(rows.get("requests to the keys that stay")).toBe("40");
  expect(rows.get("missed")).toBe("0");
});

test("no request is lost or answered twice while workers come and go", { timeout: 90_000 }, async () => {
  const { code, output, progress } = await start("handover", "--short").ended();
  expect(code, progress).toBe(0);
  const rows = rowsOf(output);
  expect(rows.map(([event]) => event)).toEqual([
    "all",
    "three workers",
    "one is killed with -9",
    "one is frozen for 2 s",
    "it goes on",
    "one is stopped",
    "one joins",
    "which is killed as well",
  ]);
  for (const [event, sent, once, , ...failures] of rows) {
    expect(Number(sent), event).toBeGreaterThan(0);
    // Never, twice, signed twice, with an error.
    expect([once, ...failures.slice(0, 4)], event).toEqual([sent, "0", "0", "0", "0"]);
  }
  expect(await readdir(folder)).toEqual([]);
});

test.each([
  ["Ctrl-C", "SIGINT", 130, ["throughput", "--crypto", "noble"], /the worker/],
  ["Ctrl-C at once", "SIGINT", 130, ["throughput"], /starting PostgreSQL/],
  ["Ctrl-C while it has two things to do", "SIGINT", 130, ["churn"], /lose their tokens/],
  ["a terminal that is closed", "SIGHUP", 129, ["handover"], /three workers/],
] as const)(
  "%s ends it, and all that it has started",
  { timeout: 60_000 },
  async (_, signal, expected, args, when) => {
    const bench = start(...args, "--short");
    await bench.tells(when);
    bench.signal(signal);
    const { code, progress } = await bench.ended();
    expect(code, progress).toBe(expected);
    expect(bench.isAnyLeft()).toBe(false);
    // The database's server is in a group of its own; the folder goes when it has ended.
    expect(await readdir(folder)).toEqual([]);
  },
);
