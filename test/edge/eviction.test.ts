import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Edge, startEdge } from "../support/edge.ts";
import { pair, search, withdrawAll } from "./client.ts";
import { DIRECTORY, LOBBY } from "./names.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({ vars: { MAX_CONNECTIONS_PER_ADDRESS: "5" } });
});
afterEach(withdrawAll);
afterAll(() => edge.close());

const evictAll = async () => {
  await edge.evict("Lobby", LOBBY);
  await edge.evict("Directory", DIRECTORY);
};

const signal = (matchId: string) =>
  JSON.stringify({ type: "signal", matchId, candidates: [{ candidate: "" }] });

test("a match outlives the lobby's memory, both ways and to its end", async () => {
  const { first, second, matchId } = await pair(edge);
  await evictAll();
  first.socket.send(signal(matchId));
  expect(await second.nextText()).toBe(signal(matchId));
  await edge.evict("Lobby", LOBBY);
  second.socket.send(signal(matchId));
  expect(await first.nextText()).toBe(signal(matchId));
  await edge.evict("Lobby", LOBBY);
  await first.leave();
  expect(await second.expect("ended")).toEqual({ type: "ended", matchId, reason: "left" });
  await second.expect("waiting");
});

test("the queue outlives it, in its order, and so do the skips", async () => {
  const { first, second, matchId } = await pair(edge);
  first.say({ type: "skip", matchId });
  await first.expect("waiting");
  await second.expect("ended");
  await second.expect("waiting");
  await evictAll();
  // The partner of a skip waits in front of the skipper.
  const third = await search(edge);
  expect(await second.expect("matched")).toMatchObject({ role: "impolite" });
  expect(await third.expect("matched")).toMatchObject({ role: "polite" });
  await first.expectNothingMore();
});

test("one who stopped stays out of the queue", async () => {
  const person = await search(edge);
  person.say({ type: "stop" });
  await person.expect("stopped");
  await edge.evict("Lobby", LOBBY);
  const other = await search(edge);
  await other.expectNothingMore();
});

test("a deploy drops every socket and leaves no ghost to be matched with", async () => {
  const { first, second } = await pair(edge);
  await edge.evict("Lobby", LOBBY, { webSockets: "close" });
  expect((await first.closed).code).toBe(1006);
  await second.closed;
  const back = await search(edge);
  await back.expectNothingMore();
});
