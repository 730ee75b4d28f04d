/** The benches of the edge in their short forms: that they measure, not what. */
import { expect, test } from "vitest";
import { rowsOf, startBench } from "../support/bench.ts";

/** Those that need nothing but npm. */
const SERVERS = ["the edge, /ws", "the edge, Socket.IO door", "Socket.IO", "bare ws"];
const FIGURE = /^-?[\d,]+(\.\d+)?( %)?$/;

test("every server is measured in all ways, and nothing is refused or lost", {
  timeout: 90_000,
}, async () => {
  const { code, output, progress } = await startBench("edge", ["--short"]).ended();
  expect(code, progress).toBe(0);
  expect(output).not.toContain("Refused");
  const rows = rowsOf(output);
  for (const [name, ...cells] of rows) {
    // The Socket.IO door knows no batches.
    const figures = name === "the edge, Socket.IO door" ? cells.filter((cell) => cell !== "") : cells;
    for (const figure of figures) expect(figure, name).toMatch(FIGURE);
  }
  for (const server of SERVERS) expect(rows.filter(([name]) => name === server)).toHaveLength(3);
  const adapter = rows.filter(([name]) => name === "Socket.IO, Redis adapter");
  if (adapter.length === 0)
    expect(output).toContain("Not measured: Socket.IO, Redis adapter: there is no redis-server here");
  else expect(adapter).toHaveLength(3);
});

test.each([
  ["edge", /complete matches/],
  ["cost", /people come/],
])("%s: Ctrl-C ends it, and all that it has started", { timeout: 60_000 }, async (name, when) => {
  const bench = startBench(name, ["--short"]);
  await bench.tells(when);
  bench.signal("SIGINT");
  const { code, progress } = await bench.ended();
  expect(code, progress).toBe(130);
  expect(bench.isAnyLeft()).toBe(false);
});

test("an evening is counted and priced part by part, and only what comes too late is refused", {
  timeout: 60_000,
}, async () => {
  const { code, output, progress } = await startBench("cost", ["--short"]).ended();
  expect(code, progress).toBe(0);
  // The other side may have gone on already.
  expect(output).not.toMatch(/Refused on the way: (?!not-matched \d+×\.)/);
  const rows = rowsOf(output);
  const counted = new Map(rows.map(([what = "", count]) => [what, count]));
  for (const what of [
    "Worker: requests",
    "Directory: calls of admit",
    "Directory: calls of release",
    "Lobby: connections",
    "Lobby: messages from clients",
    "Lobby: pings",
    "Lobby: alarms set",
    "Lobby: rows written",
    "Lobby: rows read",
  ])
    expect(counted.get(what), what).toMatch(/^[\d,.]+$/);
  // Six people, each of whom connects once.
  for (const what of ["Worker: requests", "Lobby: connections"]) expect(counted.get(what)).toBe("6.0");
  const costs = rows.map((cells) => Number(cells.at(-1)?.replaceAll("*", "")));
  const total = costs.pop();
  expect(total).toBeCloseTo(
    costs.reduce((sum, cost) => sum + cost, 0),
    2,
  );
});
