/** IDLE_SECONDS=60 is what was asked for; an object whose sockets are idle sleeps after about ten. */
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Edge, startEdge } from "../support/edge.ts";
import { join, pair, search } from "./client.ts";
import { LOBBY } from "./names.ts";
import { ADMIN_TOKEN, ask } from "./operator.ts";

const IDLE = Number(process.env["IDLE_SECONDS"] ?? 13) * 1_000;

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({
    vars: { MAX_CONNECTIONS_PER_ADDRESS: "100", ADMIN_TOKEN, MOVE_AFTER_MS: "600000" },
  });
});
afterAll(() => edge.close());

async function figure(name: string): Promise<number> {
  const text = await (await ask(edge, "metrics")).text();
  const [, value] = new RegExp(`^satoshigle_lobby_${name}{lobby="${LOBBY}"} ([\\d.]+)`, "m").exec(text) ?? [];
  return Number(value);
}

/** When the lobby came into memory (milliseconds). */
const startTime = async (): Promise<number> => (await figure("start_time_seconds")) * 1_000;

test("ten idle sockets, pings and all, let the lobby sleep; the next message wakes it, and it knows everything", {
  timeout: 30_000 + IDLE,
}, async () => {
  const pairs = [await pair(edge), await pair(edge), await pair(edge)];
  const waiting = await search(edge, {}, { mode: "text", interests: ["a"] });
  const people = [...pairs.flatMap(({ first, second }) => [first, second]), waiting];
  while (people.length < 10) people.push(await join(edge));
  await Promise.all(people.map((person) => person.expectNothingMore()));
  expect(await startTime()).toBeLessThan(Date.now());

  await pause(IDLE / 2);
  for (const { socket } of people) socket.send("ping");
  await pause(IDLE / 2);

  const wokenAt = Date.now();
  for (const { first, second, matchId } of pairs) {
    const text = JSON.stringify({ type: "signal", matchId, candidates: [{}] });
    first.socket.send(text);
    expect(await second.nextText()).toBe(text);
    second.socket.send(text);
    expect(await first.nextText()).toBe(text);
  }
  expect(await startTime()).toBeGreaterThanOrEqual(wokenAt);
  expect(await figure("matches_made_total")).toBe(3);
  const newcomer = await search(edge, {}, { mode: "text", interests: ["A"] });
  expect(await waiting.expect("matched")).toMatchObject({ role: "impolite", interests: ["a"] });
  await newcomer.expect("matched");
  await Promise.all(people.map((person) => person.expectNothingMore()));
});
