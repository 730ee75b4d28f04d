/** What is known of a connection stands in its socket's attachment, which has room for 16,384 bytes. */
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { CloseCode } from "../../protocol/close-codes.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { knock, pair, search, withdrawAll } from "./client.ts";
import { DIRECTORY, LOBBY } from "./names.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({
    main: fileURLToPath(new URL("../support/programs/back-door.mjs", import.meta.url)),
    vars: { MAX_CONNECTIONS_PER_ADDRESS: "100", REMATCH_WINDOW_MS: "1000", RELAX_MS: "1" },
  });
});
afterEach(withdrawAll);
afterAll(() => edge.close());

let leases = 0;
/** A way in for somebody of whom more would have to be known than there is room for. */
function tooLarge(door: string): string {
  leases += 1;
  const query = new URLSearchParams({
    lobby: LOBBY,
    lease: `lease ${leases}`,
    directory: DIRECTORY,
    address: "somewhere",
    host: "h".repeat(17_000),
    door,
  });
  return `/past-the-door?${query}`;
}

test("a connection of which too much would have to be known is closed, and costs nobody else anything", async () => {
  const { first, second, matchId } = await pair(edge);
  const client = knock(edge, { path: tooLarge("native") });
  expect((await client.closed).code).toBe(CloseCode.goingAway);
  for (const person of [first, second]) await person.expectNothingMore();
  first.say({ type: "skip", matchId });
  await first.expect("waiting");
  await second.expect("ended");
  await second.expect("waiting");
  const third = await search(edge);
  expect((await second.expect("matched")).matchId).toBe((await third.expect("matched")).matchId);
});

test.each(["native", "socket.io"])("nor does it when the lobby is woken, or wakes up (%s)", async (door) => {
  const { first, second, matchId } = await pair(edge);
  // It never sends a frame, so the runtime cannot close it.
  const url = new URL(tooLarge(door), edge.url);
  url.protocol = "ws:";
  const silent = new WebSocket(url);
  await once(silent, "open");
  second.say({ type: "skip", matchId });
  await second.expect("waiting");
  await first.expect("ended");
  await first.expect("waiting");
  await edge.evict("Lobby", LOBBY);
  // By an alarm.
  expect((await first.expect("matched")).matchId).toBe((await second.expect("matched")).matchId);
  silent.terminate();
});
