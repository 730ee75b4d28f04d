/** The edge sends people to another lobby, or takes no new matches. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { join, search } from "../edge/client.ts";
import { ADMIN_TOKEN, ask } from "../edge/operator.ts";
import type { Edge } from "../support/edge.ts";
import { anEdge, cleanUp, throughProxy } from "./scenes.ts";

let edge: Edge;
beforeEach(async () => {
  edge = await anEdge({
    vars: { ADMIN_TOKEN, MAX_CONNECTIONS_PER_ADDRESS: "100", MOVE_AFTER_MS: "1000", LOBBY_MAX_SOCKETS: "2" },
  });
});
afterEach(cleanUp);

const drain = async (what: object) =>
  expect((await ask(edge, "admin/drain", { method: "POST", body: what })).ok).toBe(true);

test("who waits in a lobby that closes goes where others wait, and to the page nothing has happened", async () => {
  const { visitor, proxy } = await throughProxy(edge);
  await visitor.connection("open");
  await join(edge);
  const other = await join(edge);
  expect(other.welcome.lobby).toBe("NA/2");
  await drain({ lobby: "NA/1", on: true });
  visitor.visit.search();
  await expect.poll(() => proxy.opened).toEqual(["/ws?v=1", "/ws?v=1&lobby=NA%2F2"]);
  other.say({ type: "search" });
  await other.expect("waiting");
  expect(await other.expect("matched")).toMatchObject({ role: "polite" });
  await visitor.state("matched");
  expect(visitor.told.filter(([event]) => event === "connection")).toEqual([["connection", { is: "open" }]]);
});

test("who is on the way to another lobby when the connection breaks gets there", async () => {
  const { visitor, proxy } = await throughProxy(edge);
  await visitor.connection("open");
  await join(edge);
  const other = await join(edge);
  await drain({ lobby: "NA/1", on: true });
  proxy.passToServer = (frame) => {
    if (JSON.parse(frame).type !== "resume") return true;
    proxy.hangUp();
    return false;
  };
  visitor.visit.search();
  await visitor.connection("reconnecting");
  proxy.passToServer = () => true;
  await visitor.getThrough();
  other.say({ type: "search" });
  await other.expect("waiting");
  expect(await other.expect("matched")).toMatchObject({ role: "polite" });
  await visitor.state("matched");
});

test("a match goes on in a lobby that closes", async () => {
  const { visitor } = await throughProxy(edge);
  visitor.visit.search();
  await visitor.connection("open");
  const partner = await search(edge);
  const { matchId } = await partner.expect("matched");
  await visitor.state("matched");
  await drain({ region: "NA", on: true });
  await partner.expect("draining");
  const heard = visitor.call.hears();
  partner.say({ type: "chat", matchId, id: "1", text: "Hello" });
  expect(await heard).toMatchObject({ text: "Hello" });
  expect(visitor.visit.connection).toEqual({ is: "open" });
});
