import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Edge, startEdge } from "../support/edge.ts";
import { join, knock, search, withdrawAll } from "./client.ts";
import { ADMIN_TOKEN, ask } from "./operator.ts";

const POLLING = { interval: 300, timeout: 15_000 };

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({
    vars: { ADMIN_TOKEN, MAX_CONNECTIONS_PER_ADDRESS: "4", RATE_LIMIT_MAX_REQUESTS: "10000" },
  });
});
afterEach(withdrawAll);
afterAll(() => edge.close());

const europe = { "mf-cf-blob": JSON.stringify({ continent: "EU" }), "cf-connecting-ip": "192.0.2.5" };

/** What is exposed, by name and labels as they stand there. */
async function scrape(): Promise<Record<string, number>> {
  const answer = await ask(edge, "metrics");
  expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const lines = (await answer.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = "", value] = /^(\S+) (\S+)$/.exec(line) ?? [];
      return [name, Number(value)];
    }),
  );
}

const presence = async (): Promise<unknown> => (await fetch(new URL("presence", edge.url))).json();

test("nobody yet: no lobby, and all sums are none", async () => {
  expect(await presence()).toEqual({ online: 0, waiting: 0 });
  expect(Object.keys(await scrape()).filter((name) => name.includes("{"))).toEqual([]);
});

test("presence counts the sockets and those who wait, of all regions, a few seconds late at most", async () => {
  await search(edge);
  await join(edge);
  await join(edge, { headers: europe });
  await expect.poll(presence, POLLING).toEqual({ online: 3, waiting: 1 });
  expect((await fetch(new URL("presence", edge.url))).headers.get("cache-control")).toBe("no-store");
});

test("metrics tell of each lobby and of all together", async () => {
  const before = await scrape();
  const people = [await search(edge), await join(edge, { headers: europe })];
  people[0]?.socket.send("nonsense");
  await people[0]?.expect("error");
  const after = await scrape();
  const [here, there] = ['{lobby="NA/1"}', '{lobby="EU/1"}'];
  expect(after).toMatchObject({
    [`satoshigle_lobby_sockets${here}`]: 1,
    [`satoshigle_lobby_sockets${there}`]: 1,
    satoshigle_sockets: 2,
    'satoshigle_lobby_waiting{lobby="NA/1",mode="video"}': 1,
    'satoshigle_waiting{mode="video"}': 1,
    [`satoshigle_lobby_matches${here}`]: 0,
    'satoshigle_lobby_refusals_total{lobby="NA/1",reason="bad-message"}': 1,
    'satoshigle_refusals_total{reason="bad-message"}': 1,
    'satoshigle_wait_seconds_bucket{le="+Inf"}': after["satoshigle_wait_seconds_count"],
  });
  expect(after[`satoshigle_lobby_start_time_seconds${here}`]).toBeCloseTo(Date.now() / 1_000, -2);
  const admitted = (all: Record<string, number>) => all['satoshigle_admitted_total{region="NA"}'] ?? 0;
  expect(admitted(after) - admitted(before)).toBe(1);
});

test("connections that are turned away are counted by reason", async () => {
  for (let i = 0; i < 4; i += 1) await join(edge, { headers: europe });
  await knock(edge, { headers: europe }).closed;
  expect(await scrape()).toMatchObject({
    'satoshigle_turned_away_total{region="EU",reason="too-many-connections"}': 1,
  });
});
