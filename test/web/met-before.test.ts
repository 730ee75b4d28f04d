/** A skip is forgotten after a while, here at once; a block is not. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { search } from "../edge/client.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { cleanUp, meet, throughProxy } from "./scenes.ts";
import { Visitor } from "./visitor.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({
    vars: { MAX_CONNECTIONS_PER_ADDRESS: "100", REMATCH_WINDOW_MS: "1", RELAX_MS: "100" },
  });
});
afterEach(cleanUp);
afterAll(() => edge.close());

test("who was met before is met again after a skip", async () => {
  const visitor = new Visitor(edge.url);
  const { partner } = await meet(visitor, edge);
  visitor.call.next();
  await partner.expect("ended");
  await partner.expect("waiting");
  await partner.expect("matched");
  await visitor.until((visit) => visit.call !== undefined);
  expect(visitor.call.met).toBe(true);
});

test("but not after a block, also if it comes after the end", async () => {
  const { visitor, proxy } = await throughProxy(edge);
  const { partner } = await meet(visitor, edge);
  const [first] = visitor.calls;
  partner.say({ type: "stop" });
  await visitor.state("idle");
  first?.host.say({ type: "block", matchId: first.matchId });
  await expect.poll(() => proxy.said.some((frame) => frame.includes('"block"'))).toBe(true);
  let isWaiting = false;
  proxy.passToClient = (frame) => {
    isWaiting ||= JSON.parse(frame).type === "waiting";
    return true;
  };
  visitor.visit.search();
  await expect.poll(() => isWaiting).toBe(true);
  await partner.expect("stopped");
  partner.say({ type: "search" });
  await partner.expect("waiting");
  const third = await search(edge);
  await Promise.all([third.expect("matched"), visitor.state("matched")]);
  visitor.call.block();
  await third.expect("ended");
  await third.expect("waiting");
  expect(await third.expect("matched")).toMatchObject({ peer: { met: false } });
  await partner.expect("matched");
  expect(visitor.visit.state).toBe("waiting");
});
