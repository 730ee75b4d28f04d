import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { LIMITS } from "../../edge/relay/limits.ts";
import { CloseCode } from "../../protocol/close-codes.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { RelayClient } from "../support/relay-client.ts";
import { author, letter, sign } from "./events.ts";

let edge: Edge;
let attacker: RelayClient;
/** Two well-made clients: whatever the attacker does, the one reads what the other writes. */
let [reader, writer]: RelayClient[] = [];
const bob = author();

beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.close());

beforeEach(async () => {
  attacker = await RelayClient.open(edge);
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
  expect(await attacker.next()).toEqual(["NOTICE", `invalid: longer than ${LIMITS.messageLength} bytes`]);
  attacker.sendRaw(frame(LIMITS.messageLength));
  expect(await attacker.next()).toEqual(["CLOSED", "c", expect.stringMatching(/^unsupported: /)]);
  attacker.sendRaw("x".repeat(30_000_000));
  expect(await attacker.next()).toEqual(["NOTICE", `invalid: longer than ${LIMITS.messageLength} bytes`]);
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
