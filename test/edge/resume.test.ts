import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CloseCode } from "../../protocol/close-codes.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { type Client, comeBack, join, pair, search, withdrawAll } from "./client.ts";
import { DIRECTORY, LOBBY } from "./names.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({
    vars: { MAX_CONNECTIONS_PER_ADDRESS: "100", RATE_LIMIT_MAX_REQUESTS: "10000" },
  });
});
afterEach(withdrawAll);
afterAll(() => edge.close());

const signal = (matchId: string, n: number) =>
  JSON.stringify({ type: "signal", matchId, candidates: [{ candidate: `candidate ${n}` }] });

/** Both hear each other, and nothing else. */
async function expectTalk(one: Client, other: Client, matchId: string): Promise<void> {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.socket.send(signal(matchId, 0));
    expect(await to.nextText()).toBe(signal(matchId, 0));
  }
  await one.expectNothingMore();
  await other.expectNothingMore();
}

async function expectRefusal(client: Client): Promise<void> {
  expect(await client.next()).toMatchObject({ type: "error", code: "resume-failed" });
}

const EVENTS: [string, () => Promise<unknown>][] = [
  ["nothing", async () => {}],
  ["the lobby is evicted", () => edge.evict("Lobby", LOBBY)],
  ["the directory is evicted", () => edge.evict("Directory", DIRECTORY)],
];

describe.each(EVENTS)("%s meanwhile:", (_, happens) => {
  test("a match outlives a drop of one side; what is said meanwhile arrives once and in order", async () => {
    const { first, second, matchId } = await pair(edge);
    await first.drop();
    expect(await second.next()).toEqual({ type: "peer-reconnecting", matchId, seconds: 60 });
    for (const n of [1, 2, 3]) second.socket.send(signal(matchId, n));
    await second.expectNothingMore();
    await happens();
    for (const n of [4, 5]) second.socket.send(signal(matchId, n));

    const back = await comeBack(edge, first);
    expect(await back.next()).toEqual({
      type: "resumed",
      at: "matched",
      match: {
        matchId,
        role: "impolite",
        mode: "video",
        interests: [],
        peer: { npub: null, met: false },
        iceServers: [],
        peerPresent: true,
      },
      npub: null,
    });
    for (const n of [1, 2, 3, 4, 5]) expect(await back.nextText()).toBe(signal(matchId, n));
    expect(await second.next()).toEqual({ type: "peer-resumed", matchId });
    await expectTalk(back, second, matchId);
  });

  test("of both sides", async () => {
    const { first, second, matchId } = await pair(edge);
    await first.drop();
    await second.expect("peer-reconnecting");
    second.socket.send(signal(matchId, 1));
    await second.expectNothingMore();
    await second.drop();
    await happens();
    const secondBack = await comeBack(edge, second);
    expect(await secondBack.expect("resumed")).toMatchObject({ match: { matchId, peerPresent: false } });
    secondBack.socket.send(signal(matchId, 2));
    await secondBack.expectNothingMore();
    await happens();
    const firstBack = await comeBack(edge, first);
    expect(await firstBack.expect("resumed")).toMatchObject({ match: { matchId, peerPresent: true } });
    for (const n of [1, 2]) expect(await firstBack.nextText()).toBe(signal(matchId, n));
    await secondBack.expect("peer-resumed");
    await expectTalk(firstBack, secondBack, matchId);
  });

  test("a token is good once", async () => {
    const { first, second, matchId } = await pair(edge);
    const token = first.token;
    await first.drop();
    const back = await comeBack(edge, first);
    await back.expect("resumed");
    await happens();
    const thief = await comeBack(edge, first, token);
    await expectRefusal(thief);
    await second.expect("peer-reconnecting");
    await second.expect("peer-resumed");
    await expectTalk(back, second, matchId);

    await back.drop();
    await expectRefusal(await comeBack(edge, back, token));
    const again = await comeBack(edge, back);
    expect(await again.expect("resumed")).toMatchObject({ at: "matched", match: { matchId } });
  });

  test("a place in the queue is kept, and nobody is matched with somebody who is away", async () => {
    const first = await search(edge);
    await first.drop();
    await happens();
    const second = await search(edge);
    await second.expectNothingMore();
    const back = await comeBack(edge, first);
    expect(await back.next()).toEqual({ type: "resumed", at: "waiting", npub: null });
    expect(await back.expect("matched")).toMatchObject({ role: "impolite" });
    expect(await second.expect("matched")).toMatchObject({ role: "polite" });
  });

  test.each([
    ["stop", "idle"],
    ["skip", "waiting"],
    ["block", "waiting"],
  ])("the other side says %s: who comes back is %s", async (type, at) => {
    const { first, second, matchId } = await pair(edge);
    await first.drop();
    await second.expect("peer-reconnecting");
    second.socket.send(signal(matchId, 1));
    second.say({ type, matchId: type === "stop" ? undefined : matchId });
    expect((await second.next()).type).toBe(type === "stop" ? "stopped" : "waiting");
    await happens();
    const back = await comeBack(edge, first);
    expect(await back.next()).toEqual({ type: "resumed", at, npub: null });
    await back.expectNothingMore();
    await second.expectNothingMore();
  });
});

test("a connection that only seems to be open is replaced", async () => {
  const { first, second, matchId } = await pair(edge);
  const back = await comeBack(edge, first);
  expect((await first.closed).code).toBe(CloseCode.replaced);
  await back.expect("resumed");
  expect(await second.next()).toEqual({ type: "peer-resumed", matchId });
  await expectTalk(back, second, matchId);
});

test("whose answer was lost comes back with the token of the connection on which it was lost", async () => {
  const { first, second, matchId } = await pair(edge);
  await first.drop();
  await second.expect("peer-reconnecting");
  const lost = await join(edge);
  await lost.expectNothingMore();
  const token = lost.token;
  lost.say({ type: "resume", token: first.token });
  await second.expect("peer-resumed");
  await lost.drop();
  await expectRefusal(await comeBack(edge, first));
  const back = await comeBack(edge, lost, token);
  expect(await back.expect("resumed")).toMatchObject({ at: "matched", match: { matchId } });
});

test.each(["x", "x".repeat(32_768), "AAAA".repeat(100)])(
  "a token that was made up is refused, and its bearer is somebody new",
  async (token) => {
    const stranger = await join(edge);
    stranger.say({ type: "resume", token });
    await expectRefusal(stranger);
    stranger.say({ type: "search" });
    await stranger.expect("waiting");
  },
);

test("who has begun something else does not come back", async () => {
  const { first } = await pair(edge);
  await first.drop();
  const other = await search(edge);
  other.say({ type: "resume", token: first.token });
  await expectRefusal(other);
});

test("who says goodbye does not come back", async () => {
  const { first, second } = await pair(edge);
  await first.leave();
  expect(await second.expect("ended")).toMatchObject({ reason: "left" });
  await expectRefusal(await comeBack(edge, first));
});

test("for somebody who is away so much is kept and no more; its sender is told", async () => {
  const { first, second, matchId } = await pair(edge);
  await first.drop();
  await second.expect("peer-reconnecting");
  for (let n = 0; n < 60; n += 1) second.socket.send(signal(matchId, n));
  second.say({ type: "typing", matchId, on: true });
  for (let n = 0; n < 5; n += 1) second.say({ type: "chat", matchId, id: String(n), text: "hello?" });
  expect(await second.next()).toMatchObject({ type: "error", code: "peer-away" });
  await second.expectNothingMore();
  const back = await comeBack(edge, first);
  await back.expect("resumed");
  for (let n = 0; n < 60; n += 1) expect(await back.nextText()).toBe(signal(matchId, n));
  for (let n = 0; n < 4; n += 1) expect(await back.expect("chat")).toMatchObject({ id: String(n) });
  await second.expect("peer-resumed");
  await back.expectNothingMore();
  await second.expectNothingMore();
});
