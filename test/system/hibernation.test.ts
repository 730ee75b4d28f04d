/** A minute in which nobody says anything: needs no package, but the minute. */
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { join, type Pair, pair, search, withdrawAll } from "../edge/client.ts";
import { LOBBY } from "../edge/names.ts";
import { ADMIN_TOKEN, figureOf, startOf } from "../edge/operator.ts";
import { endAll, type Player, play } from "../edge/socket-io-client.ts";
import { type Edge, startEdge } from "../support/edge.ts";

/** Milliseconds. */
const IDLE = 60_000;
const BETWEEN_PINGS = 20_000;
const ELSEWHERE = "EU/1";

let edge: Edge;
beforeAll(async () => {
  const vars = {
    ADMIN_TOKEN,
    MAX_CONNECTIONS_PER_ADDRESS: "100",
    MOVE_AFTER_MS: "600000",
    CONNECTION_TIMEOUT_MS: String(BETWEEN_PINGS * 1.5),
  };
  edge = await startEdge({ vars });
});
afterAll(async () => {
  endAll();
  await withdrawAll();
  await edge.close();
});

/** Counts the server's pings. */
function pingsOf({ socket }: Player): () => number {
  let pings = 0;
  const heed = () => {
    pings += 1;
    socket.io.once("ping", heed);
  };
  socket.io.once("ping", heed);
  return () => pings;
}

async function expectTalk({ first, second, matchId }: Pair): Promise<void> {
  const text = JSON.stringify({ type: "signal", matchId, candidates: [{}] });
  first.socket.send(text);
  expect(await second.nextText()).toBe(text);
  second.socket.send(text);
  expect(await first.nextText()).toBe(text);
}

test("ten idle sockets let their lobby sleep, pings of both kinds or not, and it wakes with all that it knew", {
  timeout: IDLE + 60_000,
}, async () => {
  // One who waits for the server's pings has been here, and one is in another lobby.
  (await play(edge)).socket.disconnect();
  const headers = { "mf-cf-blob": JSON.stringify({ continent: "EU" }) };
  const pings = pingsOf(await play(edge, { headers }));

  const pairs = [await pair(edge), await pair(edge), await pair(edge)];
  const waiting = await search(edge, {}, { mode: "text", interests: ["a"] });
  const people = [...pairs.flatMap(({ first, second }) => [first, second]), waiting];
  while (people.length < 10) people.push(await join(edge));
  expect(await startOf(edge, LOBBY)).toBeLessThan(Date.now());
  const begun = Date.now();

  while (Date.now() - begun < IDLE) {
    await pause(BETWEEN_PINGS);
    for (const { socket } of people) socket.send("ping");
  }

  expect(pings()).toBeGreaterThanOrEqual(2);
  const wokenAt = Date.now();
  for (const pair of pairs) await expectTalk(pair);
  expect(await startOf(edge, LOBBY)).toBeGreaterThanOrEqual(wokenAt);
  expect(await figureOf(edge, LOBBY, "matches_made_total")).toBe(3);
  expect(await figureOf(edge, ELSEWHERE, "sockets")).toBe(1);
  const newcomer = await search(edge, {}, { mode: "text", interests: ["A"] });
  expect(await waiting.expect("matched")).toMatchObject({ role: "impolite", interests: ["a"] });
  await newcomer.expect("matched");
  for (const person of people) await person.expectNothingMore();
});
