import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Edge, startEdge } from "../support/edge.ts";
import { type Client, comeBack, join, pair, search, withdrawAll } from "./client.ts";
import { LOBBY } from "./names.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({
    // What keeps two apart here is a block, not the window that a block opens, too.
    vars: {
      MAX_CONNECTIONS_PER_ADDRESS: "100",
      RATE_LIMIT_MAX_REQUESTS: "10000",
      REMATCH_WINDOW_MS: "1",
    },
  });
});
afterEach(withdrawAll);
afterAll(() => edge.close());

const words = { type: "chat", id: "1", text: "Grüße, 你好 \u{1f44b}\n<b>" };
const deep = (depth: number): unknown => (depth === 0 ? 1 : [deep(depth - 1)]);

describe("inside a match", () => {
  test.each([
    ["words", words],
    ["words up to the bound", { ...words, id: "i".repeat(64), text: "t".repeat(2_000) }],
    ["typing", { type: "typing", on: true }],
    ["no more typing", { type: "typing", on: false }],
    [
      "an app message",
      { type: "app", app: "chess", event: "move", data: { from: "e2", to: ["e4", null, 1.5] } },
    ],
    ["an app message without data", { type: "app", app: "chess", event: "resign" }],
    ["data that is null", { type: "app", app: "a", event: "e", data: null }],
    ["data up to the bound", { type: "app", app: "a", event: "e", data: "d".repeat(16_382) }],
    ["data as deep as may be", { type: "app", app: "a", event: "e", data: deep(32) }],
    [
      "data with a field of a bad name",
      { type: "app", app: "a", event: "e", data: JSON.parse('{"__proto__":1}') },
    ],
  ])("%s: arrives as it was sent, both ways", async (_, message) => {
    const { first, second, matchId } = await pair(edge);
    const text = JSON.stringify({ ...message, matchId }, null, 1);
    for (const [from, to] of [
      [first, second],
      [second, first],
    ] as const) {
      from.socket.send(text);
      expect(await to.nextText()).toBe(text);
    }
    await first.expectNothingMore();
    await second.expectNothingMore();
  });

  test.each([
    ["no words", { ...words, text: "" }],
    ["too many words", { ...words, text: "t".repeat(2_001) }],
    ["words without an id", { type: "chat", text: "t" }],
    ["an id that is none", { ...words, id: 1 }],
    ["typing what", { type: "typing", on: "yes" }],
    ["no app", { type: "app", event: "e" }],
    ["too much data", { type: "app", app: "a", event: "e", data: "d".repeat(16_383) }],
    ["data too deep", { type: "app", app: "a", event: "e", data: deep(33) }],
    ["data much too deep", { type: "app", app: "a", event: "e", data: deep(3_000) }],
    ["an unknown field", { type: "app", app: "a", event: "e", x: 1 }],
    ["half a character in words", { ...words, text: "t\ud83d" }],
    ["half a character in a name", { ...words, name: "\udc4b" }],
    ["half a character in data", { type: "app", app: "a", event: "e", data: [{ d: "\udc4b\ud83d" }] }],
    ["half a character in a field's name", { type: "app", app: "a", event: "e", data: { "\ud83d": 1 } }],
    ["half a character in an event", { type: "app", app: "a", event: "\ud83d" }],
  ])("%s: refused, and the other side hears nothing", async (_, message) => {
    const { first, second, matchId } = await pair(edge);
    first.say({ ...message, matchId });
    expect(await first.next()).toMatchObject({ type: "error", code: "bad-message" });
    await second.expectNothingMore();
  });
});

test.each([words, { type: "typing", on: true }, { type: "app", app: "a", event: "e" }])(
  "a stranger who knows the match id says nothing into it: $type",
  async (message) => {
    const { first, second, matchId } = await pair(edge);
    const stranger = await join(edge);
    stranger.say({ ...message, matchId });
    expect(await stranger.next()).toMatchObject({ type: "error", code: "not-matched" });
    for (const person of [first, second]) await person.expectNothingMore();
  },
);

const evicted = async (person: Client): Promise<Client> => {
  await edge.evict("Lobby", LOBBY);
  return person;
};

const back = async (person: Client): Promise<Client> => {
  await person.drop();
  const again = await comeBack(edge, person);
  expect(await again.expect("resumed")).toMatchObject({ at: "waiting" });
  return again;
};

const backFromDeploy = async (person: Client): Promise<Client> => {
  await edge.evict("Lobby", LOBBY, { webSockets: "close" });
  await person.closed;
  return back(person);
};

describe("whom one meets", () => {
  const from = (address: string) => ({ headers: { "cf-connecting-ip": address } });

  test("shared interests come first, in whatever way they are written", async () => {
    const chess = await search(edge, {}, { interests: ["Go", " Chess\u00a0 Problems "] });
    const jazz = await search(edge, {}, { interests: ["jazz"] });
    const third = await search(edge, {}, { interests: ["jazz", "CHESS problems", "chess  problems"] });
    expect(await third.expect("matched")).toMatchObject({ interests: ["chess problems"], role: "polite" });
    expect(await chess.expect("matched")).toMatchObject({ interests: ["chess problems"], role: "impolite" });
    await jazz.expectNothingMore();
  });

  test("who wants to write does not meet who wants to be seen", async () => {
    const seen = await search(edge);
    const writer = await search(edge, {}, { mode: "text" });
    await writer.expectNothingMore();
    const other = await search(edge, {}, { mode: "text" });
    expect(await writer.expect("matched")).toMatchObject({ mode: "text" });
    expect(await other.expect("matched")).toMatchObject({ mode: "text" });
    await seen.expectNothingMore();
  });

  test("a wish can be changed while waiting, and the place is kept", async () => {
    const first = await search(edge, {}, { interests: ["a"] });
    const second = await search(edge, {}, { interests: ["b"] });
    const third = await search(edge, {}, { interests: ["c"] });
    first.say({ type: "search", interests: ["b", "c"] });
    await first.expect("waiting");
    expect(await first.expect("matched")).toMatchObject({ role: "impolite", interests: ["b"] });
    await second.expect("matched");
    await third.expectNothingMore();
  });

  test("the interests of the last search count after a skip, and two who meet again know", async () => {
    const first = await search(edge, from("192.0.2.1"), { interests: ["a"] });
    const second = await search(edge, from("192.0.2.2"), { interests: ["a"] });
    const { matchId } = await first.expect("matched");
    await second.expect("matched");
    second.say({ type: "stop" });
    await first.expect("ended");
    first.say({ type: "search", interests: ["a"] });
    await first.expect("waiting");
    await second.expect("stopped");
    second.say({ type: "search", interests: ["a"] });
    await second.expect("waiting");
    const again = await second.expect("matched");
    expect(again).toMatchObject({ peer: { met: true }, interests: ["a"] });
    expect(again.matchId).not.toBe(matchId);
  });

  test.each([
    ["", async (person: Client) => person],
    [", though the lobby was evicted", evicted],
    [", not even after coming back", back],
    [", not even after a deploy", backFromDeploy],
  ])("who was blocked is never met again%s", async (_, meanwhile) => {
    let first = await search(edge, from("192.0.2.1"));
    const second = await search(edge, from("192.0.2.2"));
    const { matchId } = await second.expect("matched");
    await first.expect("matched");
    first.say({ type: "block", matchId });
    await first.expect("waiting");
    expect(await second.expect("ended")).toMatchObject({ reason: "skipped" });
    await second.expect("waiting");
    first = await meanwhile(first);
    // The same one from the same address: by any name.
    await second.leave();
    const again = await search(edge, from("192.0.2.2"));
    await again.expectNothingMore();
    await first.expectNothingMore();
    const other = await search(edge, from("192.0.2.3"));
    expect(await first.expect("matched")).toMatchObject({ role: "impolite" });
    await other.expect("matched");
  });

  test("who was skipped can still block, and is told where they are", async () => {
    const first = await search(edge, from("192.0.2.31"));
    const second = await search(edge, from("192.0.2.32"));
    const { matchId } = await second.expect("matched");
    await first.expect("matched");
    second.say({ type: "stop" });
    await second.expect("stopped");
    await first.expect("ended");
    first.say({ type: "block", matchId: "another" });
    expect(await first.expect("error")).toMatchObject({ code: "not-matched" });
    first.say({ type: "block", matchId });
    await first.expect("stopped");
    first.say({ type: "search" });
    await first.expect("waiting");
    first.say({ type: "block", matchId });
    await first.expect("waiting");
    await second.leave();
    const again = await search(edge, from("192.0.2.32"), {});
    for (const person of [first, again]) await person.expectNothingMore();
    const third = await search(edge, from("192.0.2.33"));
    const next = await first.expect("matched");
    expect(await third.expect("matched")).toMatchObject({ matchId: next.matchId });
    first.say({ type: "block", matchId });
    await first.expectNothingMore();
    await third.expectNothingMore();
  });

  test("behind one's own address others can still be met", async () => {
    const { first, second, matchId } = await pair(edge, from("192.0.2.9"));
    first.say({ type: "block", matchId });
    await first.expect("waiting");
    await second.expect("ended");
    await second.expect("waiting");
    const third = await search(edge, from("192.0.2.9"));
    await second.expect("matched");
    await third.expect("matched");
    const fourth = await search(edge, from("192.0.2.9"));
    await first.expect("matched");
    await fourth.expect("matched");
  });
});

test("debug-state tells of oneself, and of others how many they are", async () => {
  const idle = await join(edge);
  const ask = async (client: typeof idle) => {
    client.say({ type: "debug-state" });
    return client.next();
  };
  const state = { type: "debug-state", waitingQueueSize: 0, totalUsers: 1 };
  expect(await ask(idle)).toEqual({ ...state, state: "idle", inWaitingQueue: false, queuePosition: 0 });
  const first = await search(edge, {}, { interests: ["a"] });
  const second = await search(edge, {}, { interests: ["b"] });
  const inQueue = { ...state, waitingQueueSize: 2, totalUsers: 3, inWaitingQueue: true };
  expect(await ask(first)).toEqual({ ...inQueue, state: "waiting", queuePosition: 1 });
  expect(await ask(second)).toEqual({ ...inQueue, state: "waiting", queuePosition: 2 });
  await first.drop();
  await expect
    .poll(async () => ((await ask(idle)) as { totalUsers: number }).totalUsers, { interval: 300 })
    .toBe(2);
  const back = await comeBack(edge, first);
  await back.expect("resumed");
});
