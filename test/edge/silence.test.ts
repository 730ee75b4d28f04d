import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { CloseCode } from "../../protocol/close-codes.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { join, pair, search, withdrawAll } from "./client.ts";
import { LOBBY } from "./names.ts";

const TIMEOUT = 500;
const POLLING = { interval: 100, timeout: 10_000 };

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({
    vars: { MAX_CONNECTIONS_PER_ADDRESS: "100", CONNECTION_TIMEOUT_MS: String(TIMEOUT) },
  });
});
afterEach(withdrawAll);
afterAll(() => edge.close());

test.each([false, true])("who waits in silence is given up, not matched (evicted: %s)", async (evicted) => {
  const silent = await search(edge);
  const since = Date.now();
  const newcomer = await join(edge);
  await expect.poll(() => Date.now() - since, POLLING).toBeGreaterThan(TIMEOUT);
  if (evicted) await edge.evict("Lobby", LOBBY);
  newcomer.say({ type: "search" });
  await newcomer.expect("waiting");
  expect(await silent.closed).toEqual({ code: CloseCode.silent, reason: "no ping for too long" });
  await newcomer.expectNothingMore();
});

test("who waits and sends pings is matched", async () => {
  const patient = await search(edge);
  const since = Date.now();
  const newcomer = await join(edge);
  const ping = () => {
    patient.socket.send("ping");
    return Date.now() - since;
  };
  await expect.poll(ping, POLLING).toBeGreaterThan(2 * TIMEOUT);
  newcomer.say({ type: "search" });
  await newcomer.expect("waiting");
  await newcomer.expect("matched");
  await patient.expect("matched");
});

test("a partner who is silent is taken to be away when the other side speaks", async () => {
  const { first, second, matchId } = await pair(edge);
  const since = Date.now();
  await expect.poll(() => Date.now() - since, POLLING).toBeGreaterThan(TIMEOUT);
  first.say({ type: "signal", matchId, candidates: [{}] });
  expect(await first.expect("peer-reconnecting")).toMatchObject({ matchId });
  expect((await second.closed).code).toBe(CloseCode.silent);
});
