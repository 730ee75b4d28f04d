import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Edge, startEdge } from "../support/edge.ts";
import { join, knock, pair, search, withdrawAll } from "./client.ts";
import { LOBBY } from "./names.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({ vars: { MAX_CONNECTIONS_PER_ADDRESS: "100" } });
});
afterEach(withdrawAll);
afterAll(() => edge.close());

const description = (matchId: string, type: "offer" | "answer") =>
  JSON.stringify({ type: "signal", matchId, description: { type, sdp: `v=0\r\ns=${type} ünïcödé\r\n` } });

/** Spacing, order of fields and escapes that no serializer of ours would choose. */
const candidates = (matchId: string) =>
  `{ "candidates" : [ {"sdpMLineIndex":0, "sdpMid":"0","candidate":"candidate:1 1 udp 1 192.0.2.1 9 typ host"},\n` +
  `{"candidate":"","usernameFragment":null}], "matchId":"${matchId}" , "type":"\\u0073ignal" }`;

test("a welcome is the first thing said, with a challenge of one's own", async () => {
  const welcomes = await Promise.all([knock(edge), knock(edge)].map((client) => client.expect("welcome")));
  expect(welcomes[0]).toEqual({
    type: "welcome",
    version: 1,
    challenge: expect.stringMatching(/^[0-9a-f]{64}$/),
    heartbeatSeconds: 30,
    lobby: LOBBY,
    resumeSeconds: 60,
    reconnectJitterSeconds: 1,
  });
  expect(welcomes[0]?.challenge).not.toBe(welcomes[1]?.challenge);
});

test("two who search are matched with opposite roles; who waited longer is impolite", async () => {
  const first = await search(edge);
  const second = await search(edge);
  const one = await first.expect("matched");
  const other = await second.expect("matched");
  const match = {
    type: "matched",
    matchId: one.matchId,
    mode: "video",
    interests: [],
    peer: { npub: null, met: false },
    iceServers: [],
  };
  expect(one).toEqual({ ...match, role: "impolite" });
  expect(other).toEqual({ ...match, role: "polite" });
});

test("offer, answer and candidates arrive as they were sent, to the byte, both ways", async () => {
  const { first, second, matchId } = await pair(edge);
  const sent = [description(matchId, "offer"), candidates(matchId)];
  for (const text of sent) first.socket.send(text);
  expect([await second.nextText(), await second.nextText()]).toEqual(sent);
  const answered = [candidates(matchId), description(matchId, "answer")];
  for (const text of answered) second.socket.send(text);
  expect([await first.nextText(), await first.nextText()]).toEqual(answered);
  await first.expectNothingMore();
  await second.expectNothingMore();
});

test("a third who knows the match id can neither read nor write, skip nor stop it", async () => {
  const { first, second, matchId } = await pair(edge);
  const third = await join(edge);
  const endings = ["skip", "block"].map((type) => JSON.stringify({ type, matchId }));
  for (const text of [description(matchId, "offer"), ...endings]) {
    third.socket.send(text);
    expect(await third.next()).toMatchObject({ type: "error", code: "not-matched" });
  }
  third.say({ type: "stop" });
  await third.expect("stopped");
  first.socket.send(description(matchId, "offer"));
  expect(await second.nextText()).toBe(description(matchId, "offer"));
  for (const person of [first, second, third]) await person.expectNothingMore();
});

test("a match that is over cannot be written to, by those who were in it", async () => {
  const { first, second, matchId } = await pair(edge);
  first.say({ type: "stop" });
  await first.expect("stopped");
  for (const person of [first, second]) {
    person.socket.send(description(matchId, "offer"));
  }
  expect(await first.next()).toMatchObject({ type: "error", code: "not-matched" });
  expect(await second.next()).toEqual({ type: "ended", matchId, reason: "stopped" });
  expect(await second.next()).toMatchObject({ type: "error", code: "not-matched" });
});

test("skip: both wait again, not for each other; each gets the next who comes", async () => {
  const { first, second, matchId } = await pair(edge);
  first.say({ type: "skip", matchId });
  await first.expect("waiting");
  expect(await second.expect("ended")).toEqual({ type: "ended", matchId, reason: "skipped" });
  await second.expect("waiting");
  await first.expectNothingMore();
  await second.expectNothingMore();

  const third = await search(edge);
  const met = await third.expect("matched");
  expect(await second.expect("matched")).toMatchObject({
    type: "matched",
    matchId: met.matchId,
    role: "impolite",
  });
  const fourth = await search(edge);
  expect((await first.expect("matched")).matchId).toBe((await fourth.expect("matched")).matchId);
});

test("both skip at once: the later skip is refused and ends nothing new", async () => {
  const { first, second, matchId } = await pair(edge);
  const third = await search(edge);
  first.say({ type: "skip", matchId });
  await first.expect("waiting");
  second.say({ type: "skip", matchId });
  await second.expect("ended");
  await second.expect("waiting");
  const { matchId: next } = await second.expect("matched");
  expect(await second.next()).toMatchObject({ type: "error", code: "not-matched" });
  expect((await third.expect("matched")).matchId).toBe(next);
  await third.expectNothingMore();
});

test("stop: the partner hears it and is not queued", async () => {
  const { first, second, matchId } = await pair(edge);
  first.say({ type: "stop" });
  await first.expect("stopped");
  expect(await second.expect("ended")).toEqual({ type: "ended", matchId, reason: "stopped" });
  const third = await search(edge);
  await second.expectNothingMore();
  await third.expectNothingMore();
  second.say({ type: "search" });
  await second.expect("waiting");
  expect((await second.expect("matched")).matchId).toBe((await third.expect("matched")).matchId);
});

test("stop while waiting takes the ticket out of the queue", async () => {
  const person = await search(edge);
  person.say({ type: "stop" });
  await person.expect("stopped");
  const other = await search(edge);
  await other.expectNothingMore();
});

test("close: the partner hears it, waits again, and meets the next", async () => {
  const { first, second, matchId } = await pair(edge);
  await first.leave();
  expect(await second.expect("ended")).toEqual({ type: "ended", matchId, reason: "left" });
  await second.expect("waiting");
  await search(edge);
  expect(await second.expect("matched")).toMatchObject({ role: "impolite" });
});

test("search again while waiting keeps the place; while matched it is refused", async () => {
  const first = await search(edge);
  first.say({ type: "search" });
  await first.expect("waiting");
  await search(edge);
  await first.expect("matched");
  first.say({ type: "search" });
  expect(await first.next()).toMatchObject({ type: "error", code: "already-matched" });
});
