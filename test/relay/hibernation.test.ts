import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Edge, startEdge } from "../support/edge.ts";
import { RelayClient } from "../support/relay-client.ts";
import { author, letter, sign } from "./events.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.close());

const evict = (options?: { webSockets: "close" }) => edge.evict("Relay", "relay", options);

test("ten subscriptions of 1,000 recipients survive the loss of memory", async () => {
  const [signer, client] = [await RelayClient.open(edge), await RelayClient.open(edge)];
  const alice = author();
  const keys = Array.from({ length: 10 }, () => author().pubkey);
  for (const [index, key] of keys.entries()) {
    const others = Array.from({ length: 999 }, () => hex());
    await signer.subscribe(`pack-${index}`, { kinds: [24133], "#p": [...others, key] });
  }
  await evict();
  for (const [index, key] of keys.entries()) {
    const event = letter(alice, key);
    expect(await client.publish(event)).toEqual({ accepted: true, reason: "" });
    expect(await signer.next()).toEqual(["EVENT", `pack-${index}`, event]);
  }
  expect(await signer.received()).toEqual([]);
});

test("what was closed or replaced before stays so after", async () => {
  const client = await RelayClient.open(edge);
  const [alice, bob, carol] = [author(), author(), author()];
  await client.subscribe("closed", { "#p": [alice.pubkey] });
  await client.subscribe("replaced", { "#p": [bob.pubkey] });
  client.send("CLOSE", "closed");
  await client.subscribe("replaced", { "#p": [carol.pubkey] });
  await evict();
  const sender = await RelayClient.open(edge);
  await sender.publish(letter(alice, alice.pubkey));
  await sender.publish(letter(alice, bob.pubkey));
  const event = letter(alice, carol.pubkey);
  await sender.publish(event);
  expect(await client.received()).toEqual([["EVENT", "replaced", event]]);
});

test("a message is there for a reader who comes later, also after the loss of memory, and is known as a duplicate", async () => {
  const [alice, bob] = [author(), author()];
  const sender = await RelayClient.open(edge);
  const [event, passing] = [letter(alice, bob.pubkey), sign(alice, { tags: [["p", bob.pubkey]] })];
  await sender.publish(event);
  await sender.publish(passing);
  const reader = await RelayClient.open(edge);
  expect(await reader.subscribe("s", { "#p": [bob.pubkey] })).toEqual([event]);
  await evict();
  expect(await reader.subscribe("again", { "#p": [bob.pubkey] })).toEqual([event]);
  expect(await sender.publish(event)).toEqual({
    accepted: true,
    reason: expect.stringMatching(/^duplicate: /),
  });
  expect(await reader.received()).toEqual([]);
});

test("the relay comes back on its port with what it kept, and without the subscriptions of sockets that are gone", async () => {
  const persist = await mkdtemp(join(tmpdir(), "relay-"));
  const first = await startEdge({ persist });
  const client = await RelayClient.open(first);
  const [alice, bob] = [author(), author()];
  const event = letter(alice, bob.pubkey);
  await client.publish(event);
  await client.subscribe("s", { "#p": [alice.pubkey] });
  expect(await savedSubscriptions(persist)).toBe(1);
  await first.close();
  expect((await client.closed).code).toBe(1006);

  const second = await startEdge({ persist, port: Number(first.url.port) });
  const reader = await RelayClient.open(second);
  expect(await savedSubscriptions(persist)).toBe(0);
  expect(await reader.subscribe("s", { kinds: [24133], "#p": [bob.pubkey] })).toEqual([event]);
  await second.close();
  await rm(persist, { recursive: true });
});

test("sockets that a deploy drops can come back at once", async () => {
  const dropped = await RelayClient.open(edge);
  const me = author();
  await dropped.subscribe("s", { "#p": [me.pubkey] });
  await evict({ webSockets: "close" });
  expect((await dropped.closed).code).toBe(1006);
  const client = await RelayClient.open(edge);
  await client.subscribe("s", { "#p": [me.pubkey] });
  const event = letter(me, me.pubkey);
  client.send("EVENT", event);
  expect(await client.received()).toEqual([
    ["EVENT", "s", event],
    ["OK", event.id, true, ""],
  ]);
});

test("a heartbeat is answered", async () => {
  const client = await RelayClient.open(edge);
  client.sendRaw("ping");
  expect(await client.next()).toEqual(["pong"]);
});

const hex = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("hex");

/** As the object has written them: nobody can see them from outside. */
async function savedSubscriptions(persist: string): Promise<number> {
  const files = await readdir(persist, { recursive: true });
  const file = files.find((name) => name.includes("Relay") && /[0-9a-f]{64}\.sqlite$/.test(name));
  const database = new DatabaseSync(join(persist, file ?? ""), { readOnly: true });
  const rows = database.prepare("SELECT 1 FROM subscriptions").all();
  database.close();
  return rows.length;
}
