/** As many of each kind of message as docs/protocol.md grants at once, and no more. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { ClientMessage } from "../../protocol/messages.ts";
import { author, sign } from "../relay/events.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { type Client, pair, withdrawAll } from "./client.ts";
import { endAll, play } from "./socket-io-client.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({ vars: { MAX_CONNECTIONS_PER_ADDRESS: "100" } });
});
afterEach(async () => {
  endAll();
  await withdrawAll();
});
afterAll(() => edge.close());

const proof = sign(author(), { kind: 22242, tags: [["challenge", "of another connection"]] });

/** Of the 30 that count together one is the search with which they came. */
const MOVES = 29;

const FLOODS: { type: ClientMessage["type"]; burst: number; more?: object; answer?: string }[] = [
  { type: "search", burst: MOVES, answer: "already-matched" },
  { type: "stop", burst: MOVES, answer: "stopped" },
  { type: "skip", burst: MOVES, answer: "not-matched" },
  { type: "block", burst: MOVES, answer: "not-matched" },
  { type: "signal", burst: 60, more: { candidates: [{}] } },
  { type: "app", burst: 60, more: { app: "chess", event: "move" } },
  { type: "chat", burst: 10, more: { id: "1", text: "Hello" } },
  { type: "typing", burst: 10, more: { on: true } },
  { type: "report", burst: 3, more: { reason: "shouts" }, answer: "reported" },
  { type: "auth", burst: 3, more: { event: proof }, answer: "auth-failed" },
  { type: "resume", burst: 5, more: { token: "x" }, answer: "resume-failed" },
  { type: "debug-state", burst: 5, answer: "debug-state" },
];

const NAMING_A_MATCH = ["skip", "block", "signal", "app", "chat", "typing", "report"];

/** What is said to somebody until they have been told so many times that they are too fast. */
async function heardBy(client: Client, refusals: number): Promise<string[]> {
  const heard: string[] = [];
  for (let refused = 0; refused < refusals; ) {
    const message = await client.next();
    if (message.type !== "error") heard.push(message.type);
    else if (message.code !== "rate-limited") heard.push(message.code);
    else {
      expect(message.retryAfter).toBeGreaterThan(0);
      refused += 1;
    }
  }
  return heard;
}

test.each(FLOODS)("$type: $burst at once", async ({ type, burst, more = {}, answer }) => {
  const beyond = 20;
  const { first, second, matchId } = await pair(edge);
  // Only of one's own match something reaches the other side; a skip of it would be answered with the next one.
  const named = NAMING_A_MATCH.includes(type)
    ? { matchId: answer === "not-matched" ? "another" : matchId }
    : {};
  for (let n = 0; n < burst + beyond; n += 1) first.say({ type, ...named, ...more });
  // A few more than the burst may get through, as time goes on.
  const heard = await heardBy(first, beyond / 2);
  first.socket.terminate();
  if (answer !== undefined) {
    expect(new Set(heard)).toEqual(new Set([answer]));
    expect(heard.length).toBeGreaterThanOrEqual(burst);
    expect(heard.length).toBeLessThan(burst + beyond / 2);
  } else {
    expect(heard).toEqual([]);
    for (let n = 0; n < burst; n += 1) await second.expect(type as "signal" | "app" | "chat" | "typing");
  }
});

test("Socket.IO clients are told, and sent away if they go on", async () => {
  const player = await play(edge);
  for (let n = 0; n < 400; n += 1) player.emit("debug-state");
  const heard: string[] = [];
  for (let event = await player.next(); event[0] !== "disconnect"; event = await player.next())
    heard.push(
      event[0] === "connection-error" ? String((event[1] as { message: string }).message) : event[0],
    );
  expect(heard.slice(0, 5)).toEqual(Array(5).fill("debug-info"));
  expect(new Set(heard.slice(8))).toEqual(new Set(["slow down"]));
});
