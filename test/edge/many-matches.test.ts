/**
 * Many live matches in four lobbies, all sockets closed and all objects evicted at once. MATCHES=1000 is what was asked
 * for, and takes a minute.
 */
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Edge, startEdge } from "../support/edge.ts";
import { type Client, comeBack, join } from "./client.ts";

const MATCHES = Number(process.env["MATCHES"] ?? 100);
const LOBBIES = ["NA/1", "NA/2", "NA/3", "NA/4"];
const PER_LOBBY = (2 * MATCHES) / LOBBIES.length;
const SIGNALS = [1, 2, 3, 4, 5];
/** Connections that are opened at the same time. */
const AT_ONCE = 50;

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({
    vars: {
      MAX_CONNECTIONS_PER_ADDRESS: "100000",
      RATE_LIMIT_MAX_REQUESTS: "1000000",
      LOBBY_MAX_SOCKETS: String(PER_LOBBY),
      LOBBY_MAX_SEARCHES_PER_SECOND: "1000000",
      MOVE_AFTER_MS: "600000",
    },
  });
});
afterAll(() => edge.close());

type Side = { client: Client; lobby: string; matchId: string; role: string; jitter: number };

const signal = (matchId: string, n: number) =>
  JSON.stringify({ type: "signal", matchId, candidates: [{ candidate: `candidate ${n}` }] });

/** Everybody joins; a few at a time. */
async function assemble(): Promise<Side[]> {
  const sides: Side[] = [];
  while (sides.length < 2 * MATCHES) {
    const count = Math.min(AT_ONCE, 2 * MATCHES - sides.length);
    const clients = await Promise.all(Array.from({ length: count }, () => join(edge)));
    for (const client of clients) {
      const { lobby, reconnectJitterSeconds: jitter } = client.welcome;
      sides.push({ client, lobby, jitter, matchId: "", role: "" });
    }
  }
  return sides;
}

/** Not while it is in the middle of something. */
const evictDirectory = () =>
  expect
    .poll(
      () =>
        edge.evict("Directory", "NA").then(
          () => true,
          () => false,
        ),
      { timeout: 30_000 },
    )
    .toBe(true);

test(`${MATCHES} matches in four lobbies come through a deploy whole`, { timeout: 300_000 }, async () => {
  const sides = await assemble();
  expect([...new Set(sides.map(({ lobby }) => lobby))].sort()).toEqual(LOBBIES);
  await Promise.all(
    sides.map(async (side) => {
      side.client.say({ type: "search" });
      await side.client.expect("waiting");
      Object.assign(
        side,
        await side.client.expect("matched").then(({ matchId, role }) => ({ matchId, role })),
      );
    }),
  );
  expect(new Set(sides.map(({ matchId }) => matchId)).size).toBe(MATCHES);
  await Promise.all(sides.map(({ client }) => client.expectNothingMore()));

  await Promise.all(LOBBIES.map((lobby) => edge.evict("Lobby", lobby, { webSockets: "close" })));
  await evictDirectory();
  await Promise.all(sides.map(({ client }) => client.closed));

  let resumed = 0;
  await Promise.all(
    sides.map(async (side) => {
      const { matchId, role, jitter } = side;
      await pause(Math.random() * jitter * 1_000);
      side.client = await comeBack(edge, side.client);
      expect(await side.client.expect("resumed")).toMatchObject({ at: "matched", match: { matchId, role } });
      resumed += 1;
      if (resumed === MATCHES) await evictDirectory();
      for (const n of SIGNALS) side.client.socket.send(signal(matchId, n));
    }),
  );
  for (const { client, matchId } of sides) {
    const heard: string[] = [];
    while (heard.length < SIGNALS.length) {
      const text = await client.nextText();
      if (!text.includes('"peer-resumed"')) heard.push(text);
    }
    expect(heard).toEqual(SIGNALS.map((n) => signal(matchId, n)));
  }
  for (const { client } of sides) {
    client.say({ type: "debug-state" });
    const message = await client.next();
    // Of the two, whoever came first hears of the other.
    const state = message.type === "peer-resumed" ? await client.next() : message;
    expect(state).toMatchObject({ type: "debug-state", state: "matched", totalUsers: PER_LOBBY });
  }
});
