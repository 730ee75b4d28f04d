/** Searches, matches and how they end, against the real edge; the other side speaks the protocol by hand. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Client, search } from "../edge/client.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { cleanUp, throughProxy } from "./scenes.ts";
import { Visitor } from "./visitor.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({
    vars: { MAX_CONNECTIONS_PER_ADDRESS: "100", RELAX_MS: "100" },
  });
});
afterEach(cleanUp);
afterAll(() => edge.close());

/** A visitor and a partner who is matched with them. The partner waited longer. */
async function pair(): Promise<{ visitor: Visitor; partner: Client; matchId: string }> {
  const partner = await search(edge);
  const visitor = new Visitor(edge.url);
  visitor.visit.search();
  const { matchId } = await partner.expect("matched");
  await visitor.state("matched");
  return { visitor, partner, matchId };
}

test("a search before there is a connection is said as soon as there is one, once", async () => {
  const visitor = new Visitor(edge.url);
  expect(visitor.visit.connection).toEqual({ is: "connecting" });
  visitor.visit.search({ mode: "text", interests: [" chess ", "", "chess", "x".repeat(40)] });
  expect(visitor.visit.state).toBe("waiting");
  await visitor.connection("open");
  const partner = await search(edge, {}, { mode: "text", interests: ["x".repeat(32), "Chess"] });
  expect(await partner.expect("matched")).toMatchObject({ role: "polite" });
  await visitor.state("matched");
  expect(visitor.visit.call).toBe(visitor.call);
  expect(visitor.call.match).toMatchObject({
    mode: "text",
    role: "impolite",
    peer: { npub: null, met: false },
  });
  expect(visitor.call.interests.toSorted()).toEqual(["chess", "x".repeat(32)]);
  expect(visitor.told.map(([event, what]) => (event === "call" ? event : [event, what]))).toEqual([
    ["state", "waiting"],
    ["connection", { is: "open" }],
    "call",
    ["state", "matched"],
  ]);
});

test("what the other side says comes to the call of that match, and what it says to them", async () => {
  const { visitor, partner, matchId } = await pair();
  const { call } = visitor;
  expect(call.host.isAttached()).toBe(true);
  const heard = call.hears();
  partner.say({ type: "typing", matchId, on: true });
  expect(await heard).toEqual({ type: "typing", matchId, on: true });
  const { id } = call.say("Hello");
  expect(await partner.next()).toEqual({ type: "chat", matchId, id, text: "Hello" });
  const reported = call.hears();
  await call.report("shouts");
  expect(await reported).toEqual({ type: "reported", matchId });
});

test("next: the call ends at once, and the other side hears it", async () => {
  const { visitor, partner, matchId } = await pair();
  const first = visitor.call;
  first.next();
  expect(first.ending).toBe("you");
  expect(visitor.visit).toMatchObject({ state: "waiting", call: undefined });
  expect(await partner.next()).toEqual({ type: "ended", matchId, reason: "skipped" });
  await partner.expect("waiting");
  // Of what is over nothing is said any more.
  first.say("too late");
  const third = await search(edge);
  await partner.expect("matched");
  await third.expect("matched");
  await partner.expectNothingMore();
});

test("search ends the call that there is", async () => {
  const { visitor, partner } = await pair();
  visitor.visit.search({ interests: ["go"] });
  expect(visitor.calls[0]?.ending).toBe("you");
  expect(await partner.next()).toMatchObject({ type: "ended", reason: "skipped" });
});

test("for something else nobody is met by the old wish in between", async () => {
  const { visitor, partner } = await pair();
  visitor.visit.search({ mode: "text" });
  expect(await partner.next()).toMatchObject({ type: "ended", reason: "stopped" });
  const other = await search(edge, {}, { mode: "text" });
  expect(await other.expect("matched")).toMatchObject({ mode: "text" });
  await visitor.state("matched");
  expect(visitor.call.mode).toBe("text");
});

test("a call that is over has nothing to say in the next", async () => {
  const { visitor, proxy } = await throughProxy(edge);
  visitor.visit.search();
  const partner = await search(edge);
  await visitor.state("matched");
  visitor.visit.search();
  await search(edge);
  await partner.expect("matched");
  await partner.expect("ended");
  await partner.expect("waiting");
  await partner.expect("matched");
  await search(edge);
  await visitor.state("matched");
  const [first] = visitor.calls;
  first?.signal("too late");
  visitor.call.signal("in time");
  const signals = () => proxy.said.filter((frame) => frame.includes("signal"));
  await expect.poll(signals).toHaveLength(1);
  expect(signals()[0]).toContain("in time");
});

test("while waiting, another wish keeps the place", async () => {
  const visitor = new Visitor(edge.url);
  visitor.visit.search();
  await visitor.connection("open");
  visitor.visit.search({ interests: ["go"] });
  const partner = await search(edge, {}, { interests: ["go"] });
  expect(await partner.expect("matched")).toMatchObject({ role: "polite", interests: ["go"] });
});

test("stop: the call ends at once; nobody is met until there is a search", async () => {
  const { visitor, partner, matchId } = await pair();
  visitor.visit.stop();
  expect(visitor.call.ending).toBe("you");
  expect(visitor.visit.state).toBe("idle");
  expect(await partner.next()).toEqual({ type: "ended", matchId, reason: "stopped" });
  const other = await search(edge);
  await other.expectNothingMore();
  visitor.visit.search();
  await other.expect("matched");
  await visitor.state("matched");
});

test("of many changes of mind the last counts", async () => {
  const visitor = new Visitor(edge.url);
  await visitor.connection("open");
  const { visit } = visitor;
  for (const _ of [1, 2, 3]) {
    visit.search();
    visit.stop();
  }
  visit.search({ mode: "text" });
  visit.search({ mode: "text", interests: ["go"] });
  const partner = await search(edge, {}, { mode: "text", interests: ["go"] });
  expect(await partner.expect("matched")).toMatchObject({ interests: ["go"] });
  await visitor.state("matched");
  expect(visitor.calls).toHaveLength(1);
});

test("a match that crosses a stop makes no call", async () => {
  const { visitor, proxy } = await throughProxy(edge);
  const told: string[] = [];
  proxy.passToServer = (frame) => JSON.parse(frame).type !== "stop";
  proxy.passToClient = (frame) => told.push(JSON.parse(frame).type) > 0;
  visitor.visit.search();
  await expect.poll(() => told).toContain("waiting");
  visitor.visit.stop();
  visitor.visit.search();
  const partner = await search(edge);
  await partner.expect("matched");
  await expect.poll(() => told).toContain("matched");
  expect(visitor.visit).toMatchObject({ state: "waiting", call: undefined });
  proxy.say('{"type":"stop"}');
  expect(await partner.expect("ended")).toMatchObject({ reason: "stopped" });
  partner.say({ type: "search" });
  await partner.expect("waiting");
  const { matchId } = await partner.expect("matched");
  await visitor.state("matched");
  expect(visitor.calls.map((call) => call.matchId)).toEqual([matchId]);
});

describe("the other side ends it:", () => {
  test("by a skip: both wait again", async () => {
    const { visitor, partner, matchId } = await pair();
    partner.say({ type: "skip", matchId });
    await visitor.state("waiting");
    expect(visitor.call.ending).toBe("skipped");
    await search(edge);
    await visitor.state("matched");
  });

  test("by a stop: this side is idle, and has been told why before that", async () => {
    const { visitor, partner } = await pair();
    const seen: unknown[] = [];
    visitor.call.on("ended", (reason) => seen.push(reason, visitor.visit.call));
    visitor.visit.on("state", (state) => seen.push(state));
    partner.say({ type: "stop" });
    await visitor.state("idle");
    expect(seen).toEqual(["stopped", undefined, "idle"]);
  });

  test("by leaving, when nothing was up yet: this side waits again", async () => {
    const { visitor, partner } = await pair();
    await partner.leave();
    await visitor.state("waiting");
    expect(visitor.call.ending).toBe("left");
  });
});

describe("a call that is up goes on when the other side is gone for the server", () => {
  const detached = async () => {
    const { visitor, partner } = await pair();
    visitor.call.isUp = true;
    await partner.leave();
    await expect.poll(() => visitor.call.isDetached).toBe(true);
    // Nobody is matched with somebody who is in a call.
    const other = await search(edge);
    await other.expectNothingMore();
    expect(visitor.visit).toMatchObject({ state: "matched", call: visitor.call });
    return { visitor, other };
  };

  test("until it breaks: then the next one is met", async () => {
    const { visitor, other } = await detached();
    const [first] = visitor.calls;
    first?.breakDown();
    expect(first?.ending).toBe("left");
    await other.expect("matched");
    await visitor.until((visit) => visit.call !== undefined);
    expect(visitor.calls).toHaveLength(2);
  });

  test("until this side searches", async () => {
    const { visitor, other } = await detached();
    visitor.visit.search();
    expect(visitor.calls[0]?.ending).toBe("you");
    await other.expect("matched");
  });

  test("until this side stops", async () => {
    const { visitor, other } = await detached();
    visitor.visit.stop();
    expect(visitor.call.ending).toBe("you");
    expect(visitor.visit.state).toBe("idle");
    visitor.call.host.search();
    expect(visitor.visit.state).toBe("idle");
    await other.expectNothingMore();
  });
});
