/** Connections break, of the real edge in all ways that it knows; the visit goes on. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as pathOf } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { comeBack } from "../edge/client.ts";
import { LOBBY } from "../edge/names.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import type { FrameProxy } from "../support/frame-proxy.ts";
import { anEdge, cleanUp, closeLater, meet, ROOMY, throughLink, throughProxy } from "./scenes.ts";
import { Visitor } from "./visitor.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({ vars: ROOMY });
});
afterEach(cleanUp);
afterAll(() => edge.close());

const isUntouched = (visitor: Visitor) => {
  expect(visitor.calls).toHaveLength(1);
  expect(visitor.call).toMatchObject({ ending: undefined, isDetached: false });
  expect(visitor.visit).toMatchObject({ state: "matched", call: visitor.call });
};

describe("a call goes on, and what was said meanwhile arrives,", () => {
  test("when the cable is cut for a while", async () => {
    const { link, visitor } = await throughLink(edge);
    const { partner, matchId } = await meet(visitor, edge);
    await link.cut();
    expect(await partner.next()).toMatchObject({ type: "peer-reconnecting" });
    await visitor.connection("reconnecting");
    expect(visitor.visit.connection).toEqual({ is: "reconnecting", since: visitor.timing.now() });
    expect(visitor.call.host.isAttached()).toBe(false);
    const { call } = visitor;
    call.signal("candidate 1");
    call.type(true);
    const { id } = call.say("Still there?");
    partner.say({ type: "chat", matchId, id: "1", text: "Yes" });
    // Each failure makes the next pause longer: 0.5, 0.25, 0.5, 1 s, as half of what they could be.
    for (const pause of [500, 250, 500, 1_000]) {
      await expect.poll(() => visitor.timing.pending).toEqual([pause]);
      visitor.timing.pass(pause);
    }
    await link.mend();
    const heard = call.hears();
    await visitor.getThrough();
    expect(await heard).toEqual({ type: "chat", matchId, id: "1", text: "Yes" });
    expect(call.resumes).toMatchObject([{ matchId, role: "polite", peerPresent: true }]);
    expect(await partner.next()).toEqual({ type: "peer-resumed", matchId });
    expect(await partner.next()).toEqual({
      type: "signal",
      matchId,
      candidates: [{ candidate: "candidate 1" }],
    });
    expect(await partner.next()).toEqual({ type: "chat", matchId, id, text: "Still there?" });
    await partner.expectNothingMore();
    isUntouched(visitor);
  });

  test("when the lobby is thrown out with its sockets, twice", async () => {
    const visitor = new Visitor(edge.url);
    let { partner, matchId } = await meet(visitor, edge);
    for (const text of ["one", "two"]) {
      await edge.evict("Lobby", LOBBY, { webSockets: "close" });
      await visitor.comeBack();
      partner = await comeBack(edge, partner);
      await partner.expect("resumed");
      const { id } = visitor.call.say(text);
      expect(await partner.next()).toEqual({ type: "chat", matchId, id, text });
    }
    isUntouched(visitor);
  });

  test("when the edge is started anew", async () => {
    const persist = await mkdtemp(pathOf(tmpdir(), "satoshigle-visit-"));
    closeLater(() => rm(persist, { recursive: true }));
    const first = await startEdge({ vars: ROOMY, persist });
    const port = Number(first.url.port);
    const { visitor } = await throughLink(first);
    const { partner, matchId } = await meet(visitor, first);
    await first.close();
    await visitor.connection("reconnecting");
    const second = await anEdge({ vars: ROOMY, persist, port });
    await visitor.getThrough();
    const back = await comeBack(second, partner);
    expect(await back.expect("resumed")).toMatchObject({ match: { matchId, peerPresent: true } });
    isUntouched(visitor);
  });

  test("when the server falls silent: a ping is given 10 s", async () => {
    const { link, visitor } = await throughLink(edge);
    const { partner, matchId } = await meet(visitor, edge);
    link.freeze();
    visitor.timing.pass(30_000 + 9_999);
    expect(visitor.visit.connection.is).toBe("open");
    visitor.timing.pass(1);
    await visitor.comeBack();
    expect((await partner.next()).type).toMatch(/^peer-re/);
    expect(visitor.call.resumes).toMatchObject([{ matchId }]);
    isUntouched(visitor);
  });
});

test("whoever takes the server to be gone does not say goodbye", async () => {
  const { visitor, proxy } = await throughProxy(edge);
  const { partner } = await meet(visitor, edge);
  proxy.isMute = true;
  visitor.timing.pass(40_000);
  expect(await partner.next()).toMatchObject({ type: "peer-reconnecting" });
  proxy.isMute = false;
  await visitor.comeBack();
  expect(await partner.next()).toMatchObject({ type: "peer-resumed" });
  isUntouched(visitor);
});

test("as long as pings are answered, nothing happens", async () => {
  const { visitor } = await throughLink(edge);
  await visitor.connection("open");
  for (const _ of [1, 2, 3]) {
    visitor.timing.pass(30_000);
    expect(visitor.timing.pending).toEqual([10_000, 30_000]);
    await expect.poll(() => visitor.timing.pending).toEqual([30_000]);
  }
  expect(visitor.told).toEqual([["connection", { is: "open" }]]);
});

test("a server that takes the connection and says nothing is given 10 s", async () => {
  const { visitor, proxy } = await throughProxy(edge);
  proxy.isMute = true;
  await expect.poll(() => proxy.opened).toHaveLength(1);
  visitor.timing.pass(10_000);
  expect(visitor.timing.pending).toEqual([500]);
  proxy.isMute = false;
  await visitor.getThrough();
  expect(proxy.opened).toHaveLength(2);
});

describe("with which token", () => {
  const tokens = (proxy: FrameProxy) =>
    proxy.said
      .map((frame) => JSON.parse(frame))
      .flatMap(({ type, token }) => (type === "resume" ? [token] : []));

  test("the answer is lost: the old one first, then the one that the new connection gave", async () => {
    const { visitor, proxy } = await throughProxy(edge);
    const { partner, matchId } = await meet(visitor, edge);
    proxy.passToClient = (frame) => {
      if (JSON.parse(frame).type !== "resumed") return true;
      proxy.hangUp();
      return false;
    };
    proxy.hangUp();
    await visitor.connection("reconnecting");
    visitor.timing.pass(500);
    await partner.expect("peer-reconnecting");
    await partner.expect("peer-resumed");
    await partner.expect("peer-reconnecting");
    proxy.passToClient = () => true;
    await visitor.getThrough();
    const [first, second, third, ...more] = tokens(proxy);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect(more).toEqual([]);
    expect(visitor.call.resumes).toMatchObject([{ matchId }]);
    isUntouched(visitor);
    // And from now on by what the last connection gives.
    proxy.hangUp();
    await visitor.comeBack();
    expect(tokens(proxy)).toHaveLength(4);
    expect(new Set(tokens(proxy)).size).toBe(3);
  });

  test("the question is lost: the old one is good", async () => {
    const { visitor, proxy } = await throughProxy(edge);
    const { matchId } = await meet(visitor, edge);
    proxy.passToServer = (frame) => {
      if (JSON.parse(frame).type === "resume") proxy.hangUp();
      return false;
    };
    proxy.hangUp();
    await visitor.connection("reconnecting");
    visitor.timing.pass(500);
    await expect.poll(() => tokens(proxy)).toHaveLength(1);
    proxy.passToServer = () => true;
    await visitor.getThrough();
    expect(new Set(tokens(proxy)).size).toBe(1);
    expect(visitor.call.resumes).toMatchObject([{ matchId }]);
  });
});
