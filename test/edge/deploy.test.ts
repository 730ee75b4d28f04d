/** A deploy takes every socket, and what the lobby knew of whoever sat there; no handler runs. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Edge, startEdge } from "../support/edge.ts";
import { type Client, comeBack, join, pair, search, withdrawAll } from "./client.ts";
import { DIRECTORY, LOBBY } from "./names.ts";

const WINDOW = 1_500;

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({
    vars: {
      MAX_CONNECTIONS_PER_ADDRESS: "100",
      RATE_LIMIT_MAX_REQUESTS: "10000",
      MAX_DISCONNECTION_DURATION_MS: String(WINDOW),
    },
  });
});
afterEach(withdrawAll);
afterAll(() => edge.close());

async function deploy(...people: Client[]): Promise<void> {
  await edge.evict("Lobby", LOBBY, { webSockets: "close" });
  await edge.evict("Directory", DIRECTORY);
  for (const person of people) expect((await person.closed).code).toBe(1006);
}

const signal = (matchId: string, n: number) =>
  JSON.stringify({ type: "signal", matchId, candidates: [{ candidate: `candidate ${n}` }] });

test("both come back to their match, one after the other, twice", async () => {
  let { first, second, matchId } = await pair(edge);
  for (const n of [1, 2]) {
    await deploy(first, second);
    first = await comeBack(edge, first);
    expect(await first.expect("resumed")).toMatchObject({
      at: "matched",
      match: { matchId, role: "impolite", peerPresent: false },
    });
    first.socket.send(signal(matchId, n));
    await first.expectNothingMore();
    second = await comeBack(edge, second);
    expect(await second.expect("resumed")).toMatchObject({
      at: "matched",
      match: { matchId, role: "polite", peerPresent: true },
    });
    expect(await second.nextText()).toBe(signal(matchId, n));
    expect(await first.expect("peer-resumed")).toMatchObject({ matchId });
    second.socket.send(signal(matchId, n));
    expect(await first.nextText()).toBe(signal(matchId, n));
  }
});

test("what was said to one who was away before is kept over it", async () => {
  const { first, second, matchId } = await pair(edge);
  await first.drop();
  await second.expect("peer-reconnecting");
  second.socket.send(signal(matchId, 1));
  await second.expectNothingMore();
  await deploy(second);
  const back = await comeBack(edge, first);
  expect(await back.expect("resumed")).toMatchObject({
    at: "matched",
    match: { matchId, peerPresent: false },
  });
  expect(await back.nextText()).toBe(signal(matchId, 1));
  const other = await comeBack(edge, second);
  expect(await other.expect("resumed")).toMatchObject({
    at: "matched",
    match: { matchId, peerPresent: true },
  });
});

test("the queue keeps its order, whoever comes back first", async () => {
  const first = await search(edge, {}, { interests: ["chess"] });
  const second = await search(edge, {}, { interests: ["go"] });
  await deploy(first, second);
  const secondBack = await comeBack(edge, second);
  expect(await secondBack.expect("resumed")).toMatchObject({ at: "waiting" });
  const firstBack = await comeBack(edge, first);
  expect(await firstBack.expect("resumed")).toMatchObject({ at: "waiting" });
  // Neither insists on an interest any more.
  expect(await firstBack.expect("matched")).toMatchObject({ role: "impolite" });
  expect(await secondBack.expect("matched")).toMatchObject({ role: "polite" });
});

test("a partner who does not come back has left", async () => {
  const { first, second, matchId } = await pair(edge);
  await deploy(first, second);
  const back = await comeBack(edge, first);
  expect(await back.expect("resumed")).toMatchObject({ match: { peerPresent: false } });
  expect(await back.next()).toEqual({ type: "ended", matchId, reason: "left" });
  await back.expect("waiting");
});

test("a partner who goes on before the other is back is not waited for", async () => {
  const { first, second, matchId } = await pair(edge);
  await deploy(first, second);
  const back = await comeBack(edge, first);
  await back.expect("resumed");
  back.say({ type: "skip", matchId });
  await back.expect("waiting");
  const other = await comeBack(edge, second);
  expect(await other.next()).toEqual({ type: "resumed", at: "waiting", npub: null });
  await other.expectNothingMore();
  await back.expectNothingMore();
});

test("the match counts that both know of: who comes back with another is not in two", async () => {
  const { first, second } = await pair(edge);
  const old = first.token;
  first.say({ type: "stop" });
  await first.expect("stopped");
  await second.expect("ended");
  const third = await search(edge);
  first.say({ type: "search" });
  await first.expect("waiting");
  const { matchId } = await first.expect("matched");
  await third.expect("matched");
  await deploy(first, second, third);
  const thirdBack = await comeBack(edge, third);
  expect(await thirdBack.expect("resumed")).toMatchObject({ at: "matched", match: { matchId } });
  // The last token but some: as if what came later had been lost.
  const firstBack = await comeBack(edge, first, old);
  await firstBack.expect("resumed");
  expect(await thirdBack.next()).toMatchObject({ type: "ended", matchId, reason: "left" });
  await thirdBack.expect("waiting");
});

test("what somebody says of an earlier match does not end a later one", async () => {
  const { first, second } = await pair(edge);
  await first.expectNothingMore();
  const old = first.token;
  first.say({ type: "stop" });
  await first.expect("stopped");
  await second.expect("ended");
  const third = await search(edge);
  second.say({ type: "search" });
  await second.expect("waiting");
  const { matchId } = await second.expect("matched");
  await third.expect("matched");
  await deploy(first, second, third);
  const liar = await comeBack(edge, first, old);
  expect(await liar.expect("resumed")).toMatchObject({ at: "matched" });
  const thirdBack = await comeBack(edge, third);
  expect(await thirdBack.expect("resumed")).toMatchObject({ match: { matchId, peerPresent: false } });
  expect(await liar.expect("ended")).toMatchObject({ reason: "left" });
  await liar.expect("waiting");
  const secondBack = await comeBack(edge, second);
  expect(await secondBack.expect("resumed")).toMatchObject({ match: { matchId, peerPresent: true } });
  await thirdBack.expect("peer-resumed");
});

test("who has left is somebody new, though the lobby was empty and evicted since", async () => {
  const person = await search(edge);
  await person.expectNothingMore();
  await person.leave();
  await edge.evict("Lobby", LOBBY);
  const back = await comeBack(edge, person);
  expect(await back.next()).toMatchObject({ type: "error", code: "resume-failed" });
});

test("a token is good once, before and after", async () => {
  const { first, second } = await pair(edge);
  const token = first.token;
  const back = await comeBack(edge, first);
  await back.expect("resumed");
  await back.expectNothingMore();
  await deploy(second, back);
  const thief = await comeBack(edge, first, token);
  expect(await thief.next()).toMatchObject({ type: "error", code: "resume-failed" });
  const again = await comeBack(edge, back);
  await again.expect("resumed");
  const replay = await comeBack(edge, back);
  expect(await replay.next()).toMatchObject({ type: "error", code: "resume-failed" });
});

test("who comes back too late is somebody new, whether or not the lobby was evicted, and leaves no ghost", async () => {
  for (const isEvicted of [false, true]) {
    const { first, second, matchId } = await pair(edge);
    await first.drop();
    await second.expect("peer-reconnecting");
    expect(await second.next()).toEqual({ type: "ended", matchId, reason: "left" });
    await second.expect("waiting");
    await second.leave();
    if (isEvicted) await edge.evict("Lobby", LOBBY);
    const late = await comeBack(edge, first);
    expect(await late.next()).toMatchObject({ type: "error", code: "resume-failed" });
    const next = await search(edge);
    await next.expectNothingMore();
    await withdrawAll();
  }
});

test("long after a deploy a token is good for nothing", async () => {
  const first = await search(edge);
  await deploy(first);
  const since = Date.now();
  await join(edge);
  await expect.poll(() => Date.now() - since).toBeGreaterThan(WINDOW);
  const late = await comeBack(edge, first);
  expect(await late.next()).toMatchObject({ type: "error", code: "resume-failed" });
});
