import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { CloseCode } from "../../protocol/close-codes.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { type Client, join, knock, withdrawAll } from "./client.ts";
import { DIRECTORY, LOBBY } from "./names.ts";
import { endAll, play } from "./socket-io-client.ts";

const MAX = 5;

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({ vars: { MAX_CONNECTIONS_PER_ADDRESS: String(MAX) } });
});
afterEach(async () => {
  endAll();
  await withdrawAll();
});
afterAll(() => edge.close());

async function expectRefusal(): Promise<void> {
  const client = knock(edge);
  expect(await client.next()).toMatchObject({ type: "error", code: "too-many-connections", retryAfter: 5 });
  expect((await client.closed).code).toBe(CloseCode.rateLimited);
}

const isAdmitted = (): Promise<boolean> =>
  join(edge).then(
    () => true,
    () => false,
  );

test("five from one address, not six, evicted or not; the place of one who left is free again", async () => {
  const people: Client[] = [];
  while (people.length < MAX) people.push(await join(edge));
  await expectRefusal();
  await edge.evict("Directory", DIRECTORY);
  await edge.evict("Lobby", LOBBY);
  await expectRefusal();
  await people[0]?.leave();
  await expect.poll(isAdmitted).toBe(true);
  await expectRefusal();
});

test("whichever doors they come by", async () => {
  for (let i = 0; i < MAX - 2; i += 1) await join(edge);
  for (let i = 0; i < 2; i += 1) await play(edge);
  await expectRefusal();
  await expect(play(edge)).rejects.toThrow("websocket error");
});

test("what a crash of the lobby leaves behind is found when the address comes again", async () => {
  const people: Client[] = [];
  while (people.length < MAX) people.push(await join(edge));
  await edge.evict("Lobby", LOBBY, { webSockets: "close" });
  for (const person of people) await person.closed;
  await expect.poll(isAdmitted, { timeout: 20_000, interval: 500 }).toBe(true);
});
