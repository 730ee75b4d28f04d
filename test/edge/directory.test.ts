import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { CloseCode } from "../../protocol/close-codes.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { type Client, join, knock, withdrawAll } from "./client.ts";
import { ADMIN_TOKEN, ask, lobbiesOf, socketsOf } from "./operator.ts";

const MAX_SOCKETS = 4;
const MAX_CONNECTIONS = 5;
/** The loads of lobbies are fetched anew when they are a second old. */
const POLLING = { interval: 200, timeout: 15_000 };

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({
    vars: {
      ADMIN_TOKEN,
      MAX_CONNECTIONS_PER_ADDRESS: String(MAX_CONNECTIONS),
      LOBBY_MAX_SOCKETS: String(MAX_SOCKETS),
      MAX_DISCONNECTION_DURATION_MS: "500",
      RATE_LIMIT_MAX_REQUESTS: "10000",
    },
  });
});
afterEach(withdrawAll);
afterAll(() => edge.close());

type Place = { region: string; address?: string; lobby?: string };

/** Each test has regions of its own. Without an address: from one that nobody else has. */
const options = ({ region, address, lobby }: Place) => ({
  path: lobby === undefined ? "/ws?v=1" : `/ws?v=1&lobby=${encodeURIComponent(lobby)}`,
  headers: {
    "cf-connecting-ip": address ?? nextAddress(),
    "mf-cf-blob": JSON.stringify({ continent: region }),
  },
});
let addresses = 0;
const nextAddress = () => {
  addresses += 1;
  return `203.0.113.${addresses}`;
};

async function crowd(count: number, place: Place): Promise<Client[]> {
  const people: Client[] = [];
  while (people.length < count) people.push(await join(edge, options(place)));
  return people;
}

test("one lobby until it is full, then the next, filled evenly, though the directory is evicted", async () => {
  const region = "NA";
  const first = await crowd(3, { region });
  await edge.evict("Directory", region);
  await crowd(2, { region });
  await expect.poll(() => socketsOf(edge, region), POLLING).toEqual({ "NA/1": 4, "NA/2": 1 });
  await edge.evict("Directory", region);
  await Promise.all(first.slice(0, 2).map((person) => person.leave()));
  await expect.poll(() => socketsOf(edge, region), POLLING).toEqual({ "NA/1": 2, "NA/2": 1 });
  await crowd(3, { region });
  await expect.poll(() => socketsOf(edge, region), POLLING).toEqual({ "NA/1": 3, "NA/2": 3 });
});

test("when traffic falls the youngest fills no more, and is forgotten when it is empty", async () => {
  const region = "EU";
  const people = await crowd(MAX_SOCKETS + 1, { region });
  const last = people.pop();
  await Promise.all(people.map((person) => person.leave()));
  await expect.poll(() => socketsOf(edge, region), POLLING).toEqual({ "EU/1": 0, "EU/2": 1 });
  await crowd(1, { region });
  expect(await lobbiesOf(edge, region)).toMatchObject([{ state: "open" }, { state: "closing" }]);
  await last?.leave();
  await expect
    .poll(() => lobbiesOf(edge, region), POLLING)
    .toMatchObject([{ sockets: 1 }, { lobby: "EU/2", sockets: 0, absent: 0 }]);
  await crowd(1, { region });
  await expect.poll(() => socketsOf(edge, region), POLLING).toEqual({ "EU/1": 2 });
});

test("who comes back is sent to the lobby that they name, full or not, and from another region too", async () => {
  const region = "AS";
  await crowd(MAX_SOCKETS + 1, { region });
  await crowd(1, { region, lobby: "AS/1" });
  await crowd(1, { region: "SA", lobby: "AS/1" });
  await expect.poll(() => socketsOf(edge, region), POLLING).toEqual({ "AS/1": 6, "AS/2": 1 });
});

test.each(["AS/9", "OC/1", "nowhere/1", "AF/0", "AF/2", "../AF/1", "AF/1/2", ""])(
  "lobby=%s, where there is none: to one that there is",
  async (lobby) => {
    await crowd(1, { region: "AF", lobby });
    await expect.poll(() => socketsOf(edge, "AF"), POLLING).toEqual({ "AF/1": 1 });
  },
);

test("six from one address over two lobbies are one too many, whichever object was evicted", async () => {
  const place = { region: "SA", address: "192.0.2.1" };
  const refused = async (more: Partial<Place> = {}) => {
    const client = knock(edge, options({ ...place, ...more }));
    expect(await client.next()).toMatchObject({ type: "error", code: "too-many-connections", retryAfter: 5 });
    expect((await client.closed).code).toBe(CloseCode.rateLimited);
  };
  const people = await crowd(MAX_CONNECTIONS, place);
  await refused();
  await edge.evict("Directory", "SA");
  await refused();
  await edge.evict("Lobby", "SA/1");
  await edge.evict("Lobby", "SA/2");
  await refused();
  await edge.evict("Directory", "SA");
  await refused({ lobby: "SA/2" });
  await refused({ lobby: "AS/1" });
  expect(await socketsOf(edge, "SA")).toEqual({ "SA/1": 4, "SA/2": 1 });
  await people[4]?.leave();
  await edge.evict("Directory", "SA");
  await crowd(1, place);
  await refused();
});

test("everything closed and evicted at once leaves no lease behind", async () => {
  const place = { region: "world", address: "192.0.2.2" };
  const people = await crowd(MAX_CONNECTIONS, place);
  for (const lobby of ["world/1", "world/2"]) await edge.evict("Lobby", lobby, { webSockets: "close" });
  await edge.evict("Directory", "world");
  for (const person of people) await person.closed;
  expect(await crowd(MAX_CONNECTIONS, place)).toHaveLength(MAX_CONNECTIONS);
});

test("a drained lobby gets nobody but those who come back; a drained region nobody else at all", async () => {
  const region = "OC";
  await crowd(2, { region });
  expect((await ask(edge, "admin/drain", { method: "POST", body: { lobby: "OC/1", on: true } })).status).toBe(
    200,
  );
  await edge.evict("Directory", region);
  await crowd(1, { region });
  await crowd(1, { region, lobby: "OC/1" });
  await expect.poll(() => socketsOf(edge, region), POLLING).toEqual({ "OC/1": 3, "OC/2": 1 });

  const drain = (on: boolean) => ask(edge, "admin/drain", { method: "POST", body: { region, on } });
  expect((await drain(true)).status).toBe(200);
  await edge.evict("Directory", region);
  const late = knock(edge, options({ region }));
  expect(await late.next()).toMatchObject({ type: "error", code: "draining", retryAfter: 30 });
  expect((await late.closed).code).toBe(CloseCode.goingAway);
  await crowd(1, { region, lobby: "OC/2" });
  expect((await lobbiesOf(edge, region)).map(({ state }) => state)).toEqual(["drained", "drained"]);

  await drain(false);
  await crowd(1, { region });
  expect(await lobbiesOf(edge, region)).toMatchObject([
    { lobby: "OC/1", state: "drained" },
    { lobby: "OC/2", state: "open" },
  ]);
});
