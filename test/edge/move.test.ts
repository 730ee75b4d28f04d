import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CloseCode } from "../../protocol/close-codes.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { type Client, join, search, withdrawAll } from "./client.ts";
import { ADMIN_TOKEN, ask } from "./operator.ts";

let edge: Edge;
beforeEach(async () => {
  edge = await startEdge({
    vars: {
      ADMIN_TOKEN,
      MAX_CONNECTIONS_PER_ADDRESS: "100",
      RATE_LIMIT_MAX_REQUESTS: "10000",
      MOVE_AFTER_MS: "1000",
      RELAX_MS: "200",
      LOBBY_MAX_SOCKETS: "2",
    },
  });
});
afterEach(async () => {
  await withdrawAll();
  await edge.close();
});

const from = (continent: string, lobby?: string) => ({
  path: lobby === undefined ? "/ws?v=1" : `/ws?v=1&lobby=${encodeURIComponent(lobby)}`,
  headers: { "mf-cf-blob": JSON.stringify({ continent }) },
});

/** Goes where the server says; the place is kept there. */
async function follow(client: Client, continent: string): Promise<{ client: Client; lobby: string }> {
  const { lobby, token } = await client.expect("move");
  expect((await client.closed).code).toBe(CloseCode.moved);
  const moved = await join(edge, from(continent, lobby));
  moved.say({ type: "resume", token });
  expect(await moved.next()).toEqual({ type: "resumed", at: "waiting", npub: null });
  return { client: moved, lobby };
}

test("of two who wait alone in two regions one is taken to the other, and keeps the place", async () => {
  const late = await search(edge, from("EU"), { mode: "text" });
  const early = await search(edge, from("NA"), { mode: "text" });
  const { client, lobby } = await follow(early, "NA");
  expect(lobby).toBe("EU/1");
  expect(await client.expect("matched")).toMatchObject({ role: "polite" });
  expect(await late.expect("matched")).toMatchObject({ role: "impolite" });
});

test("evicted on the way, before and after the move", async () => {
  const early = await search(edge, from("SA"), { interests: ["a"] });
  await edge.evict("Lobby", "SA/1");
  const late = await search(edge, from("AF"), { interests: ["b"] });
  const { lobby, token } = await early.expect("move");
  expect(lobby).toBe("AF/1");
  await early.closed;
  await edge.evict("Lobby", "AF/1");
  await edge.evict("Directory", "AF");
  const moved = await join(edge, from("SA", lobby));
  moved.say({ type: "resume", token });
  await moved.expect("resumed");
  expect(await moved.expect("matched")).toMatchObject({ role: "impolite" });
  await late.expect("matched");
  // Where they were, their tokens are good for nothing.
  const back = await join(edge, from("SA"));
  back.say({ type: "resume", token: early.token });
  expect(await back.next()).toMatchObject({ type: "error", code: "resume-failed" });
});

describe("a drained lobby", () => {
  const drain = async (what: object) => {
    expect((await ask(edge, "admin/drain", { method: "POST", body: what })).ok).toBe(true);
  };

  test("says so, lets matches go on, and makes no new ones until it is open again", async () => {
    const first = await search(edge, from("OC"));
    const second = await search(edge, from("OC"));
    const { matchId } = await first.expect("matched");
    await second.expect("matched");
    await drain({ region: "OC", on: true });
    expect(await first.next()).toEqual({ type: "draining" });
    expect(await second.next()).toEqual({ type: "draining" });
    await edge.evict("Lobby", "OC/1");
    const text = JSON.stringify({ type: "signal", matchId, candidates: [{}] });
    first.socket.send(text);
    expect(await second.nextText()).toBe(text);
    for (const person of [first, second]) {
      person.say({ type: "stop" });
      while ((await person.next()).type !== "stopped");
      person.say({ type: "search" });
      await person.expect("waiting");
    }
    await first.expectNothingMore();
    await drain({ region: "OC", on: false });
    await first.expect("matched");
    await second.expect("matched");
  });

  test("sends those who wait to another, if there is one", async () => {
    const people = [await join(edge, from("AS")), await join(edge, from("AS"))];
    const other = await join(edge, from("AS"));
    await drain({ lobby: "AS/1", on: true });
    const [first] = people;
    for (const person of people) await person.expect("draining");
    first?.say({ type: "search" });
    await first?.expect("waiting");
    const moved = first && (await follow(first, "AS"));
    expect(moved?.lobby).toBe("AS/2");
    other.say({ type: "search" });
    await other.expect("waiting");
    expect(await moved?.client.expect("matched")).toMatchObject({ role: "impolite" });
  });
});
