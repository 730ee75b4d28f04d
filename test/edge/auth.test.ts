import { npubEncode } from "nostr-tools/nip19";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CloseCode } from "../../protocol/close-codes.ts";
import { CLIENT_AUTH } from "../../protocol/nostr.ts";
import { type Author, author, now, sign } from "../relay/events.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { type Client, comeBack, join, pair, search, withdrawAll } from "./client.ts";
import { LOBBY } from "./names.ts";
import { ADMIN_TOKEN, ask } from "./operator.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({
    vars: { MAX_CONNECTIONS_PER_ADDRESS: "100", RATE_LIMIT_MAX_REQUESTS: "10000", ADMIN_TOKEN },
  });
});
afterEach(withdrawAll);
afterAll(() => edge.close());

/** An answer to a challenge, right unless it is told otherwise. */
function proof(
  who: Author,
  challenge: string,
  { relay = `ws://${edge.url.host}/ws`, kind = CLIENT_AUTH, age = 0, more = [] as string[][] } = {},
) {
  const tags = [["relay", relay], ["challenge", challenge], ...more];
  return sign(who, { kind, tags, created_at: now() - age });
}

const npubOf = (who: Author): string => npubEncode(who.pubkey);

async function signIn(client: Client, who: Author): Promise<void> {
  client.say({ type: "auth", event: proof(who, client.welcome.challenge) });
  expect(await client.next()).toEqual({ type: "authenticated", npub: npubOf(who) });
}

test("who signs in is known to the next one they meet", async () => {
  const who = author();
  const first = await join(edge);
  await signIn(first, who);
  first.say({ type: "search" });
  await first.expect("waiting");
  const second = await search(edge);
  expect(await second.expect("matched")).toMatchObject({ peer: { npub: npubOf(who), met: false } });
  expect(await first.expect("matched")).toMatchObject({ peer: { npub: null, met: false } });
});

test.each([false, true])("who signs in while matched is told of at once (evicted: %s)", async (isEvicted) => {
  const who = author();
  const { first, second, matchId } = await pair(edge);
  if (isEvicted) await edge.evict("Lobby", LOBBY);
  await signIn(first, who);
  expect(await second.next()).toEqual({ type: "peer", matchId, npub: npubOf(who) });
});

test("an identity is kept with the place, over a drop and over a deploy", async () => {
  const who = author();
  const { first, second } = await pair(edge);
  await signIn(first, who);
  await second.expect("peer");
  await second.expectNothingMore();
  await first.drop();
  const back = await comeBack(edge, first);
  expect(await back.expect("resumed")).toMatchObject({ npub: npubOf(who) });
  await second.expect("peer-reconnecting");
  await second.expect("peer-resumed");
  await edge.evict("Lobby", LOBBY, { webSockets: "close" });
  const secondBack = await comeBack(edge, second);
  expect(await secondBack.expect("resumed")).toMatchObject({ match: { peer: { npub: npubOf(who) } } });
  const again = await comeBack(edge, back);
  expect(await again.expect("resumed")).toMatchObject({ npub: npubOf(who) });
});

test("who has signed in and left does not come back with a token, not even after a deploy", async () => {
  const stays = await search(edge);
  const leaves = await join(edge);
  await signIn(leaves, author());
  await leaves.expectNothingMore();
  await leaves.leave();
  await edge.evict("Lobby", LOBBY, { webSockets: "close" });
  const thief = await comeBack(edge, leaves);
  expect(await thief.next()).toMatchObject({ type: "error", code: "resume-failed" });
  const back = await comeBack(edge, stays);
  await back.expect("resumed");
});

test("who was blocked is known by their key, too", async () => {
  const who = author();
  const from = (address: string) => ({ headers: { "cf-connecting-ip": address } });
  const { first, second, matchId } = await pair(edge, from("192.0.2.1"));
  await signIn(first, who);
  await second.expect("peer");
  second.say({ type: "block", matchId });
  await second.expect("waiting");
  await first.leave();
  const again = await join(edge, from("192.0.2.2"));
  await signIn(again, who);
  again.say({ type: "search" });
  await again.expect("waiting");
  await again.expectNothingMore();
  await second.expectNothingMore();
});

test("one identity may be there twice, and is not to meet itself", async () => {
  const who = author();
  const tabs = [await join(edge), await join(edge)];
  for (const tab of tabs) await signIn(tab, who);
  for (const tab of tabs) {
    tab.say({ type: "search" });
    await tab.expect("waiting");
  }
  for (const tab of tabs) {
    await tab.expectNothingMore();
    const other = await search(edge);
    expect(await other.expect("matched")).toMatchObject({ peer: { npub: npubOf(who) } });
    await tab.expect("matched");
  }
});

describe("is no proof, and the other side hears nothing of it:", () => {
  const flaws: [string, (challenge: string) => object][] = [
    ["another challenge", () => proof(author(), "0".repeat(64))],
    ["another host", (challenge) => proof(author(), challenge, { relay: "wss://elsewhere.example/ws" })],
    ["no address of a host", (challenge) => proof(author(), challenge, { relay: "here" })],
    ["another port", (challenge) => proof(author(), challenge, { relay: `ws://${edge.url.hostname}:1/` })],
    ["two challenges", (challenge) => proof(author(), challenge, { more: [["challenge", "other"]] })],
    [
      "two hosts",
      (challenge) => proof(author(), challenge, { more: [["relay", "wss://elsewhere.example"]] }),
    ],
    ["another kind", (challenge) => proof(author(), challenge, { kind: 27_235 })],
    ["an event of long ago", (challenge) => proof(author(), challenge, { age: 62 })],
    ["an event from the future", (challenge) => proof(author(), challenge, { age: -65 })],
    ["somebody else's name", (challenge) => ({ ...proof(author(), challenge), pubkey: author().pubkey })],
    ["another content", (challenge) => ({ ...proof(author(), challenge), content: "x" })],
    ["another id", (challenge) => ({ ...proof(author(), challenge), id: "0".repeat(64) })],
    ["another signature", (challenge) => ({ ...proof(author(), challenge), sig: "0".repeat(128) })],
  ];
  test.each(flaws)("%s", async (_, flawed) => {
    const { first, second } = await pair(edge);
    first.say({ type: "auth", event: flawed(first.welcome.challenge) });
    expect(await first.next()).toMatchObject({ type: "error", code: "auth-failed" });
    await second.expectNothingMore();
    await signIn(first, author());
  });

  test("what somebody else has said", async () => {
    const who = author();
    const [honest, thief] = [await join(edge), await join(edge)];
    const event = proof(who, honest.welcome.challenge);
    honest.say({ type: "auth", event });
    await honest.expect("authenticated");
    thief.say({ type: "auth", event });
    expect(await thief.next()).toMatchObject({ type: "error", code: "auth-failed" });
  });

  test.each([false, true])("what was said before (evicted: %s)", async (isEvicted) => {
    const client = await join(edge);
    const event = proof(author(), client.welcome.challenge);
    client.say({ type: "auth", event });
    await client.expect("authenticated");
    if (isEvicted) await edge.evict("Lobby", LOBBY);
    client.say({ type: "auth", event });
    expect(await client.next()).toMatchObject({ type: "error", code: "auth-failed" });
    const back = await comeBack(edge, client);
    await back.expect("resumed");
    back.say({ type: "auth", event });
    expect(await back.next()).toMatchObject({ type: "error", code: "auth-failed" });
  });
});

test("who is banned by name does not sign in, and does not stay", async () => {
  const who = author();
  await ask(edge, "admin/bans", { method: "POST", body: { name: npubOf(who), seconds: 60 } });
  const { first, second } = await pair(edge);
  first.say({ type: "auth", event: proof(who, first.welcome.challenge) });
  expect(await first.next()).toMatchObject({ type: "error", code: "banned" });
  expect((await first.closed).code).toBe(CloseCode.banned);
  expect(await second.expect("ended")).toMatchObject({ reason: "left" });
  await second.expect("waiting");
  const back = await comeBack(edge, first);
  expect(await back.next()).toMatchObject({ type: "error", code: "resume-failed" });
});

test("who is banned while there goes, and does not come back with a token", async () => {
  const who = author();
  const { first, second } = await pair(edge);
  await signIn(first, who);
  await second.expect("peer");
  await first.expectNothingMore();
  await ask(edge, "admin/bans", { method: "POST", body: { name: npubOf(who), seconds: 60 } });
  expect(await first.next()).toMatchObject({ type: "error", code: "banned" });
  expect((await first.closed).code).toBe(CloseCode.banned);
  await second.expect("ended");
  await edge.evict("Lobby", LOBBY, { webSockets: "close" });
  const back = await comeBack(edge, first);
  expect(await back.next()).toMatchObject({ type: "error", code: "resume-failed" });
});

describe("a report", () => {
  const reports = async () =>
    ((await (await ask(edge, "admin/reports")).json()) as { reports: Record<string, unknown>[] }).reports;

  test("says who, whom, and why; of this match or of the one before, and of no other", async () => {
    const who = author();
    const { first, second, matchId } = await pair(edge);
    await signIn(second, who);
    await first.expect("peer");
    first.say({ type: "report", matchId, reason: "shouts" });
    expect(await first.next()).toEqual({ type: "reported", matchId });
    second.say({ type: "stop" });
    await second.expect("stopped");
    await first.expect("ended");
    first.say({ type: "report", matchId, reason: "and left" });
    expect(await first.next()).toEqual({ type: "reported", matchId });
    // Of one match each side is heard once.
    const listed = await reports();
    expect(listed).toMatchObject([{ matchId, reason: "shouts" }]);
    expect(JSON.stringify(listed)).toContain(npubOf(who));

    const stranger = await join(edge);
    stranger.say({ type: "report", matchId, reason: "x" });
    expect(await stranger.next()).toMatchObject({ type: "error", code: "not-matched" });
    await second.expectNothingMore();
    expect(await reports()).toHaveLength(1);
  });
});
