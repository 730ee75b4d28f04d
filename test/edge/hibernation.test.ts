/** An object whose sockets are idle sleeps after about ten seconds. A minute of it: test/system/hibernation.test.ts. */
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Edge, startEdge } from "../support/edge.ts";
import { join, pair, search } from "./client.ts";
import { LOBBY } from "./names.ts";
import { ADMIN_TOKEN, figureOf, startOf } from "./operator.ts";

const IDLE = 13_000;

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({
    vars: { MAX_CONNECTIONS_PER_ADDRESS: "100", ADMIN_TOKEN, MOVE_AFTER_MS: "600000" },
  });
});
afterAll(() => edge.close());

test("ten idle sockets, pings and all, let the lobby sleep; the next message wakes it, and it knows everything", {
  timeout: 30_000 + IDLE,
}, async () => {
  const pairs = [await pair(edge), await pair(edge), await pair(edge)];
  const waiting = await search(edge, {}, { mode: "text", interests: ["a"] });
  const people = [...pairs.flatMap(({ first, second }) => [first, second]), waiting];
  while (people.length < 10) people.push(await join(edge));
  await Promise.all(people.map((person) => person.expectNothingMore()));
  expect(await startOf(edge, LOBBY)).toBeLessThan(Date.now());

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
  expect(await startOf(edge, LOBBY)).toBeGreaterThanOrEqual(wokenAt);
  expect(await figureOf(edge, LOBBY, "matches_made_total")).toBe(3);
  const newcomer = await search(edge, {}, { mode: "text", interests: ["A"] });
  expect(await waiting.expect("matched")).toMatchObject({ role: "impolite", interests: ["a"] });
  await newcomer.expect("matched");
  await Promise.all(people.map((person) => person.expectNothingMore()));
});
