import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { LIMITS } from "../../edge/relay/limits.ts";
import { CloseCode } from "../../protocol/close-codes.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { RelayClient } from "../support/relay-client.ts";
import { author, letter, sign } from "./events.ts";

let edge: Edge;
/** From an address of its own, for what it spends is the address's. */
let attacker: RelayClient;
let address = 0;
/** Two well-made clients: whatever the attacker does, the one reads what the other writes. */
let [reader, writer]: RelayClient[] = [];
const bob = author();

beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.close());

beforeEach(async () => {
  address += 1;
  attacker = await RelayClient.open(edge, `192.0.2.${address}`);
  reader = await RelayClient.open(edge);
  writer = await RelayClient.open(edge);
  await reader.subscribe("healthy", {
    "#p": [bob.pubkey],
    since: Math.floor(Date.now() / 1_000) - 10,
    limit: 0,
  });
});

afterEach(async () => {
  const event = letter(author(), bob.pubkey);
  expect(await writer?.publish(event)).toEqual({ accepted: true, reason: "" });
  expect(await reader?.next()).toEqual(["EVENT", "healthy", event]);
  for (const client of [attacker, reader, writer]) client?.close();
});

const tooLong = (prefix: string) => `${prefix}: longer than ${LIMITS.messageLength} characters`;

const GARBAGE = [
  "",
  "x",
  "[",
  "{}",
  "[]",
  "null",
  '["EVENT"]',
  '["REQ"]',
  "[[[]]]",
  '["\ud800"]',
  "[".repeat(100_000),
];

test.for(GARBAGE)("garbage gets a NOTICE: %j", async (frame) => {
  attacker.sendRaw(frame);
  expect(await attacker.next()).toEqual(["NOTICE", expect.stringMatching(/^invalid: /)]);
  expect(await attacker.subscribe("s", { kinds: [20_000] })).toEqual([]);
});

test("a binary frame gets a NOTICE", async () => {
  attacker.sendRaw(new TextEncoder().encode('["CLOSE","x"]'));
  expect(await attacker.next()).toEqual(["NOTICE", expect.stringMatching(/^invalid: binary/)]);
});

test("a frame above the limit gets a NOTICE, one at the limit is read", async () => {
  const frame = (length: number) => {
    const empty = JSON.stringify(["COUNT", "c", ""]);
    return JSON.stringify(["COUNT", "c", "x".repeat(length - empty.length)]);
  };
  attacker.sendRaw(frame(LIMITS.messageLength + 1));
  expect(await attacker.next()).toEqual(["CLOSED", "c", tooLong("error")]);
  attacker.sendRaw(frame(LIMITS.messageLength));
  expect(await attacker.next()).toEqual(["CLOSED", "c", expect.stringMatching(/^unsupported: /)]);
  attacker.sendRaw("x".repeat(30_000_000));
  expect(await attacker.next()).toEqual(["NOTICE", tooLong("invalid")]);
});

test("an EVENT above the limit gets an OK, wherever its id stands, and a REQ a CLOSED that ends it", async () => {
  const event = letter(author(), bob.pubkey, { content: `\\"id":"${"x".repeat(LIMITS.messageLength)}` });
  const { id, ...rest } = event;
  for (const order of [
    { id, ...rest },
    { ...rest, id },
  ]) {
    attacker.send("EVENT", order);
    expect(await attacker.next()).toEqual(["OK", id, false, tooLong("invalid")]);
  }
  await attacker.subscribe("s", { "#p": [bob.pubkey], limit: 0 });
  attacker.send("REQ", "s", { "#p": Array(2_000).fill(bob.pubkey) });
  expect(await attacker.next()).toEqual(["CLOSED", "s", tooLong("error")]);
  await writer?.publish(letter(author(), bob.pubkey));
  await reader?.next();
  expect(await attacker.received()).toEqual([]);
});

test("a REQ of many values costs more than one of few", async () => {
  const values = Array.from({ length: 1_900 }, (_, n) => n.toString(16).padStart(64, "0"));
  for (let n = 0; n < 90; n++) attacker.send("REQ", "s", { "#p": values });
  const limited = await attacker.until(([type]) => type === "CLOSED");
  expect(limited).toEqual(["CLOSED", "s", "rate-limited: too many requests"]);
});

test("looking through what is kept costs, though nothing is found", async () => {
  const alice = author();
  for (let n = 0; n < 200; n++) attacker.send("EVENT", letter(alice, alice.pubkey));
  for (let n = 0; n < 200; n++) await attacker.until(([type]) => type === "OK");
  const filters = Array.from({ length: 10 }, () => ({ "#p": [alice.pubkey], authors: [author().pubkey] }));
  for (let n = 0; n < 90; n++) attacker.send("REQ", "s", ...filters);
  const limited = await attacker.until(([type]) => type === "CLOSED");
  expect(limited).toEqual(["CLOSED", "s", "rate-limited: too many requests"]);
});

test("large events are limited by their size", async () => {
  const alice = author();
  const content = "x".repeat(120_000);
  for (let n = 0; n < 45; n++) attacker.send("EVENT", sign(alice, { content: `${content}${n}` }));
  const limited = await attacker.until(([, , accepted]) => accepted === false);
  expect(limited[3]).toBe("rate-limited: too much in too short a time");
});

test("what an address spends is spent for all its connections, also for the next", async () => {
  // By volume, which comes back slowly: in the seconds that a busy machine may take, no more than a tenth of it.
  const event = sign(author(), { content: "x".repeat(60_000) });
  const size = JSON.stringify(["EVENT", event]).length;
  const all = Math.floor(LIMITS.rates.volume.burst / size);
  for (let n = 0; n < all * 1.5; n++) attacker.send("EVENT", event);
  await attacker.until(([, , , reason]) => String(reason).startsWith("rate-limited: "));
  attacker.close();
  await attacker.closed;
  const next = await RelayClient.open(edge, `192.0.2.${address}`);
  for (let n = 0; n < all * 0.9; n++) next.send("EVENT", event);
  await next.until(([, , , reason]) => String(reason).startsWith("rate-limited: "));
});

test("garbage over and over ends the connection", async () => {
  for (let n = 0; n < LIMITS.nonsenseInARow + 5; n++) attacker.sendRaw("garbage");
  expect((await attacker.closed).code).toBe(CloseCode.badMessages);
});

test("forgeries over and over end the connection", async () => {
  const event = sign(author());
  for (let n = 0; n < LIMITS.nonsenseInARow + 5; n++) attacker.send("EVENT", { ...event, content: `${n}` });
  expect((await attacker.closed).code).toBe(CloseCode.badMessages);
});

test("a flood of events is refused, then ended", async () => {
  const event = sign(author());
  for (let n = 0; n < 6_000; n++) attacker.send("EVENT", event);
  const limited = await attacker.until(([, , , reason]) => String(reason).startsWith("rate-limited: "));
  expect(limited).toEqual(["OK", event.id, false, "rate-limited: too many events"]);
  expect((await attacker.closed).code).toBe(CloseCode.rateLimited);
});

test("a flood of requests is refused, then ended", async () => {
  for (let n = 0; n < 3_000; n++) attacker.send("REQ", "s", { "#p": [bob.pubkey], limit: 0 });
  const limited = await attacker.until(([type]) => type === "CLOSED");
  expect(limited).toEqual(["CLOSED", "s", "rate-limited: too many requests"]);
  expect((await attacker.closed).code).toBe(CloseCode.rateLimited);
});

test("a socket that ends without a word takes nothing with it", async () => {
  await attacker.subscribe("s", { "#p": [bob.pubkey] });
  attacker.terminate();
  await attacker.closed;
});
