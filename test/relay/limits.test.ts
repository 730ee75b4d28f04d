import { afterEach, beforeEach, expect, test } from "vitest";
import { LIMITS } from "../../edge/relay/limits.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { RelayClient } from "../support/relay-client.ts";
import { author, letter } from "./events.ts";

let edge: Edge;
beforeEach(async () => {
  edge = await startEdge();
});
afterEach(() => edge.close());

const hex = (n: number): string => n.toString(16).padStart(64, "0");
const people = (count: number): string[] => Array.from({ length: count }, (_, n) => hex(n));
const toAnybody = { kinds: [20_000] };

test("subscriptions of a connection are limited, and one that is closed makes room", async () => {
  const client = await RelayClient.open(edge);
  for (let n = 0; n < LIMITS.subscriptionsPerConnection; n++)
    await client.subscribe(`${n}`, { "#p": [hex(n)] });
  client.send("REQ", "one more", { "#p": [hex(0)] });
  expect(await client.next()).toEqual(["CLOSED", "one more", expect.stringMatching(/^error: too many sub/)]);
  await client.subscribe("0", { "#p": [hex(1)] });
  client.send("CLOSE", "0");
  await client.subscribe("one more", { "#p": [hex(0)] });
});

test("filters and values of a REQ are limited", async () => {
  const client = await RelayClient.open(edge);
  const filters = Array.from({ length: LIMITS.filtersPerRequest }, (_, n) => ({ "#p": [hex(n)] }));
  await client.subscribe("s", ...filters);
  client.send("REQ", "s", ...filters, { "#p": [hex(0)] });
  expect(await client.next()).toEqual(["CLOSED", "s", expect.stringMatching(/^error: too many filters/)]);

  const values = people(LIMITS.values.perRequest / 2);
  const shortest = values.map((_, n) => n);
  await client.subscribe("s", { "#p": values, kinds: shortest });
  client.send("REQ", "s", { "#p": values, kinds: [...shortest, 0] });
  expect(await client.next()).toEqual(["CLOSED", "s", expect.stringMatching(/^error: too many values/)]);
});

test("values of a connection are limited, which fits ten subscriptions of 1,000 recipients twice", async () => {
  const client = await RelayClient.open(edge);
  const values = people(1_001);
  for (let n = 0; n < 19; n++) await client.subscribe(`${n}`, { "#p": values });
  client.send("REQ", "last", { "#p": values });
  expect(await client.next()).toEqual(["CLOSED", "last", expect.stringMatching(/^error: too many values/)]);
});

test("values of the relay are limited, and a connection that ends makes room", async () => {
  const { perRequest, perConnection, total } = LIMITS.values;
  const filter = { "#p": [hex(0)], kinds: Array.from({ length: perRequest - 1 }, (_, kind) => kind) };
  const clients: RelayClient[] = [];
  for (let n = 0; n < total / perConnection; n++) {
    const client = await RelayClient.open(edge, `192.0.2.${n}`);
    clients.push(client);
    for (let m = 0; m < Math.floor(perConnection / perRequest); m++) await client.subscribe(`${m}`, filter);
    await client.subscribe("rest", { "#p": people(perConnection % perRequest) });
  }
  const late = await RelayClient.open(edge);
  late.send("REQ", "s", { "#p": [hex(0)] });
  expect(await late.next()).toEqual(["CLOSED", "s", "error: the relay is full"]);
  clients[0]?.close();
  await clients[0]?.closed;
  await late.subscribe("s", { "#p": [hex(0)] });
});

test("filters to anybody are few on a connection, and few in all", async () => {
  const { perConnection, total } = LIMITS.broadFilters;
  for (let n = 0; n < total / perConnection; n++) {
    const client = await RelayClient.open(edge, `2001:db8:${n}::1`);
    await client.subscribe("s", ...Array(perConnection).fill(toAnybody));
    client.send("REQ", "more", toAnybody);
    expect(await client.next()).toEqual([
      "CLOSED",
      "more",
      expect.stringMatching(/^error: too many filters wi/),
    ]);
  }
  const late = await RelayClient.open(edge);
  late.send("REQ", "s", toAnybody);
  expect(await late.next()).toEqual(["CLOSED", "s", "error: the relay is full"]);
  const [alice, bob] = [author(), author()];
  await late.subscribe("s", { "#p": [bob.pubkey] });
  expect(await late.publish(letter(alice, bob.pubkey))).toEqual({ accepted: true, reason: "" });
});

test("the connections of one address are limited, and those of others are not", async () => {
  const one = await startEdge({ vars: { MAX_RELAY_CONNECTIONS_PER_ADDRESS: "2" } });
  const [first] = [await RelayClient.open(one, "192.0.2.1"), await RelayClient.open(one, "192.0.2.1")];
  await expect(RelayClient.open(one, "192.0.2.1")).rejects.toThrow("429");
  await one.evict("Relay", "relay");
  await expect(RelayClient.open(one, "192.0.2.1")).rejects.toThrow("429");
  await RelayClient.open(one, "192.0.2.2");
  first.close();
  await first.closed;
  await RelayClient.open(one, "192.0.2.1");
  await one.close();
});

test("an address has a share of the values, and leaves the rest to others", async () => {
  const { perRequest, perConnection, perAddress } = LIMITS.values;
  const [one, two] = [await RelayClient.open(edge), await RelayClient.open(edge)];
  for (let left = perConnection; left > 0; left -= perRequest)
    await one.subscribe(`${left}`, { "#p": people(Math.min(left, perRequest)) });
  const rest = perAddress - perConnection;
  for (let left = rest; left > 0; left -= perRequest)
    await two.subscribe(`${left}`, { "#p": people(Math.min(left, perRequest)) });
  two.send("REQ", "more", { "#p": [hex(0)] });
  expect(await two.next()).toEqual(["CLOSED", "more", expect.stringMatching(/of an address\)$/)]);
  await (await RelayClient.open(edge, "192.0.2.1")).subscribe("s", { "#p": people(perRequest) });
});

test("an address has a share of the filters to anybody", async () => {
  const { perConnection, perAddress } = LIMITS.broadFilters;
  for (let n = 0; n < perAddress / perConnection; n++)
    await (await RelayClient.open(edge)).subscribe("s", ...Array(perConnection).fill(toAnybody));
  const one = await RelayClient.open(edge);
  one.send("REQ", "s", toAnybody);
  expect(await one.next()).toEqual(["CLOSED", "s", expect.stringMatching(/of an address\)$/)]);
  await (await RelayClient.open(edge, "192.0.2.1")).subscribe("s", toAnybody);
});

test("as many values as a REQ may have fit into a frame", () => {
  const filter = { kinds: [24133], "#p": people(LIMITS.values.perRequest), since: 1_800_000_000 };
  const frame = JSON.stringify(["REQ", "x".repeat(LIMITS.subscriptionIdLength), filter]);
  expect(frame.length).toBeLessThanOrEqual(LIMITS.messageLength);
});

test("a REQ refused for what it says ends the subscription of its id too", async () => {
  const client = await RelayClient.open(edge);
  const me = author();
  await client.subscribe("s", { "#p": [me.pubkey] });
  client.send("REQ", "s", { search: "x" });
  expect(await client.next()).toEqual(["CLOSED", "s", expect.stringMatching(/^unsupported: /)]);
  const event = letter(me, me.pubkey);
  client.send("EVENT", event);
  expect(await client.received()).toEqual([["OK", event.id, true, ""]]);
});

test("a refused REQ leaves no subscription of its id", async () => {
  const client = await RelayClient.open(edge);
  const me = author();
  await client.subscribe("s", { "#p": [me.pubkey] });
  client.send("REQ", "s", ...Array(LIMITS.broadFilters.perConnection + 1).fill(toAnybody));
  expect(await client.next()).toEqual(["CLOSED", "s", expect.stringMatching(/^error: /)]);
  const event = letter(me, me.pubkey);
  client.send("EVENT", event);
  expect(await client.received()).toEqual([["OK", event.id, true, ""]]);
});

test("the relay says in NIP-11 what it takes, to a page of any origin", async () => {
  const url = new URL("relay", edge.url);
  const answer = await fetch(url, {
    headers: { accept: "application/nostr+json", origin: "https://example.com" },
  });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/nostr+json");
  for (const header of ["origin", "headers", "methods"]) {
    expect(answer.headers.has(`access-control-allow-${header}`)).toBe(true);
  }
  expect(await answer.json()).toMatchObject({
    supported_nips: [1, 11],
    limitation: {
      max_message_length: LIMITS.messageLength,
      max_subscriptions: LIMITS.subscriptionsPerConnection,
      max_filters: LIMITS.filtersPerRequest,
      max_subid_length: LIMITS.subscriptionIdLength,
    },
    retention: [{ kinds: [24133], time: 60 }, { time: 0 }],
  });
  const [preflight, plain] = [await fetch(url, { method: "OPTIONS" }), await fetch(url)];
  expect([preflight.status, plain.status]).toEqual([204, 426]);
  for (const { headers } of [answer, preflight, plain])
    expect(headers.get("x-content-type-options")).toBe("nosniff");
});
