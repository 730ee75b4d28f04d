/** What is wanted, and what the other side does, while there is no connection. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { join, search } from "../edge/client.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { cleanUp, meet, ROOMY, throughLink, throughProxy } from "./scenes.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({ vars: ROOMY });
});
afterEach(cleanUp);
afterAll(() => edge.close());

describe("what was wanted while there was no connection:", () => {
  const away = async () => {
    const { visitor, proxy } = await throughProxy(edge);
    const { partner, matchId } = await meet(visitor, edge);
    proxy.hangUp();
    await partner.expect("peer-reconnecting");
    await visitor.connection("reconnecting");
    const said = () =>
      proxy.said
        .map((frame) => JSON.parse(frame))
        .filter(({ type }) => !["resume", "search", "typing"].includes(type));
    return { visitor, proxy, partner, matchId, said };
  };

  test("the next one", async () => {
    const { visitor, partner, matchId } = await away();
    visitor.call.next();
    expect(visitor.visit.state).toBe("waiting");
    await visitor.getThrough();
    await partner.expect("peer-resumed");
    expect(await partner.next()).toEqual({ type: "ended", matchId, reason: "skipped" });
  });

  test("the next one, but the match is over: nothing is said of it", async () => {
    const { visitor, partner, matchId, said } = await away();
    visitor.call.next();
    visitor.call.say("too late");
    partner.say({ type: "skip", matchId });
    await partner.expect("waiting");
    await visitor.getThrough();
    const third = await search(edge);
    await partner.expect("matched");
    await third.expect("matched");
    expect(said()).toEqual([]);
    expect(visitor.told.filter(([event]) => event === "refused")).toEqual([]);
    expect(visitor.visit.state).toBe("waiting");
  });

  test("the next one, but the other side has stopped: this side searches", async () => {
    const { visitor, partner } = await away();
    visitor.call.next();
    partner.say({ type: "stop" });
    await partner.expect("stopped");
    await visitor.getThrough();
    const third = await search(edge);
    await third.expect("matched");
    await visitor.state("matched");
  });

  test("no more", async () => {
    const { visitor, partner, matchId } = await away();
    visitor.visit.stop();
    await visitor.getThrough();
    await partner.expect("peer-resumed");
    expect(await partner.next()).toEqual({ type: "ended", matchId, reason: "stopped" });
  });

  test("a block, though the match is over", async () => {
    const { visitor, partner, matchId, said } = await away();
    visitor.call.block();
    partner.say({ type: "skip", matchId });
    await partner.expect("waiting");
    await visitor.getThrough();
    await expect.poll(said).toEqual([{ type: "block", matchId }]);
    await partner.expectNothingMore();
  });

  test("more words than are kept", async () => {
    const { visitor, partner, matchId, said } = await away();
    for (let n = 0; n < 100; n += 1) visitor.call.signal(String(n));
    await visitor.getThrough();
    await partner.expect("peer-resumed");
    for (let n = 0; n < 60; n += 1)
      expect(await partner.next()).toEqual({
        type: "signal",
        matchId,
        candidates: [{ candidate: String(n) }],
      });
    expect(said()).toHaveLength(64);
  });

  test("a block that was never heard", async () => {
    const { visitor, proxy, partner, matchId, said } = await away();
    await visitor.getThrough();
    await partner.expect("peer-resumed");
    proxy.passToServer = () => {
      proxy.hangUp();
      return false;
    };
    visitor.call.block();
    await partner.expect("peer-reconnecting");
    proxy.passToServer = () => true;
    await visitor.comeBack();
    await partner.expect("peer-resumed");
    expect(await partner.next()).toEqual({ type: "ended", matchId, reason: "skipped" });
    expect(said()).toEqual([
      { type: "block", matchId },
      { type: "block", matchId },
    ]);
  });

  test("the other side is gone: if nothing was up, the call is over", async () => {
    const { visitor, partner, matchId } = await away();
    partner.say({ type: "skip", matchId });
    await partner.expect("waiting");
    await visitor.getThrough();
    expect(visitor.call.ending).toBe("left");
    expect(visitor.visit.state).toBe("waiting");
  });

  test("the other side has stopped: if nothing was up, so has this one", async () => {
    const { visitor, partner } = await away();
    partner.say({ type: "stop" });
    await partner.expect("stopped");
    await visitor.getThrough();
    expect(visitor.call.ending).toBe("stopped");
    expect(visitor.visit.state).toBe("idle");
  });

  test("if it was up, it goes on until it breaks", async () => {
    const { visitor, partner, matchId } = await away();
    visitor.call.isUp = true;
    partner.say({ type: "skip", matchId });
    await partner.expect("waiting");
    await visitor.getThrough();
    expect(visitor.call).toMatchObject({ ending: undefined, isDetached: true });
    expect(visitor.visit.state).toBe("matched");
    const third = await search(edge);
    await partner.expect("matched");
    await third.expect("matched");
    visitor.call.breakDown();
    const fourth = await search(edge);
    await fourth.expect("matched");
  });
});

describe("the place is lost,", () => {
  let brief: Edge;
  beforeAll(async () => {
    brief = await startEdge({ vars: { ...ROOMY, MAX_DISCONNECTION_DURATION_MS: "300" } });
  });
  afterAll(() => brief.close());

  const lose = async (isUp: boolean) => {
    const { link, visitor } = await throughLink(brief);
    const { partner } = await meet(visitor, brief);
    visitor.call.isUp = isUp;
    await link.cut();
    await partner.expect("peer-reconnecting");
    await partner.expect("ended");
    await partner.expect("waiting");
    await link.mend();
    await visitor.comeBack();
    return { visitor, partner };
  };

  test("but a call that is up goes on", async () => {
    const { visitor, partner } = await lose(true);
    expect(visitor.call).toMatchObject({ ending: undefined, isDetached: true, resumes: [] });
    expect(visitor.visit).toMatchObject({ state: "matched", call: visitor.call });
    await partner.expectNothingMore();
    visitor.call.breakDown();
    expect(visitor.calls[0]?.ending).toBe("left");
    await partner.expect("matched");
  });

  test("and a call that is not up is over: this side searches", async () => {
    const { visitor, partner } = await lose(false);
    expect(visitor.calls[0]?.ending).toBe("left");
    await partner.expect("matched");
    await visitor.until((visit) => visit.call !== undefined);
  });

  test("and so is what was said meanwhile", async () => {
    const { visitor, proxy } = await throughProxy(brief);
    const { partner } = await meet(visitor, brief);
    proxy.hangUp();
    await visitor.connection("reconnecting");
    visitor.call.report("shouts");
    visitor.call.say("Still there?");
    await partner.expect("peer-reconnecting");
    await partner.expect("ended");
    await partner.leave();
    await visitor.getThrough();
    await search(brief);
    await visitor.until((visit) => visit.call !== undefined);
    proxy.hangUp();
    await visitor.comeBack();
    expect(proxy.said.filter((frame) => /report|chat/.test(frame))).toEqual([]);
  });

  test("and whoever waited waits again, for the same", async () => {
    const { link, visitor } = await throughLink(brief);
    visitor.visit.search({ mode: "text", interests: ["go"] });
    await visitor.connection("open");
    await link.cut();
    await visitor.connection("reconnecting");
    const gone = await join(brief);
    await expect
      .poll(async () => {
        gone.say({ type: "debug-state" });
        return gone.next();
      })
      .toMatchObject({ totalUsers: 1, waitingQueueSize: 0 });
    await link.mend();
    await visitor.getThrough();
    const partner = await search(brief, {}, { mode: "text", interests: ["go"] });
    expect(await partner.expect("matched")).toMatchObject({ interests: ["go"] });
    // As who is idle is told of nobody.
    expect(visitor.told.filter(([event]) => event === "state").map(([, state]) => state)[0]).toBe("waiting");
  });
});
