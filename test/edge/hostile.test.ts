import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CloseCode } from "../../protocol/close-codes.ts";
import { MAX_MESSAGE_LENGTH } from "../../protocol/messages.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { type Client, join, pair, withdrawAll } from "./client.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({ vars: { MAX_CONNECTIONS_PER_ADDRESS: "100" } });
});
afterEach(withdrawAll);
afterAll(() => edge.close());

const matchId = "m";
const sdp = "v=0";
const BAD_FRAMES: [string, string | Buffer][] = [
  ["nothing", ""],
  ["no JSON", "{"],
  ["a number", "1"],
  ["null", "null"],
  ["a list", "[]"],
  ["a deep list", "[".repeat(30_000) + "]".repeat(30_000)],
  ["no type", "{}"],
  ["an unknown type", '{"type":"constructor"}'],
  ["a message of the server's", '{"type":"matched","matchId":"m","role":"polite"}'],
  ["an unknown field", '{"type":"search","fields":1}'],
  ["a prototype", '{"type":"search","__proto__":{}}'],
  [
    "a nested unknown field",
    JSON.stringify({ type: "signal", matchId, description: { type: "offer", sdp, x: 1 } }),
  ],
  ["no payload", JSON.stringify({ type: "signal", matchId })],
  [
    "both payloads",
    JSON.stringify({ type: "signal", matchId, description: { type: "offer" }, candidates: [{}] }),
  ],
  ["no candidates", JSON.stringify({ type: "signal", matchId, candidates: [] })],
  ["too many candidates", JSON.stringify({ type: "signal", matchId, candidates: Array(33).fill({}) })],
  ["a match id that is none", JSON.stringify({ type: "skip", matchId: { $ne: 1 } })],
  ["an endless match id", JSON.stringify({ type: "skip", matchId: "m".repeat(65) })],
  ["a binary frame", Buffer.from('{"type":"search"}')],
  ["half a character", '{"type":"\ud800"}'],
];

/** What the pair says to each other still arrives, and nothing else does. */
async function expectHealthy({ first, second, matchId }: Awaited<ReturnType<typeof pair>>): Promise<void> {
  const text = JSON.stringify({ type: "signal", matchId, candidates: [{ candidate: "c" }] });
  first.socket.send(text);
  expect(await second.nextText()).toBe(text);
  second.socket.send(text);
  expect(await first.nextText()).toBe(text);
}

/** Everything until the connection ends. */
async function untilClosed(client: Client): Promise<{ errors: string[]; code: number }> {
  const errors: string[] = [];
  for (;;) {
    const message = await client.next().catch(() => undefined);
    if (message === undefined) return { errors, code: (await client.closed).code };
    errors.push(message.type === "error" ? message.code : message.type);
  }
}

describe("while a pair keeps talking", () => {
  test.each(BAD_FRAMES)("%s: an error, and the socket goes on", async (_, frame) => {
    const healthy = await pair(edge);
    const stranger = await join(edge);
    stranger.socket.send(frame);
    const error = await stranger.expect("error");
    expect(error.code).toBe("bad-message");
    expect(error.message.length).toBeLessThan(200);
    await stranger.expectNothingMore();
    await expectHealthy(healthy);
  });

  test.each([
    ["description", { description: { type: "offer", sdp: 1 } }],
    ["candidates", { candidates: [{ candidate: 1 }] }],
    ["candidates", { candidates: [] }],
    ["description", {}],
  ])("the error names what is wrong with %s", async (field, payload) => {
    const stranger = await join(edge);
    stranger.say({ type: "signal", matchId, ...payload });
    expect((await stranger.expect("error")).message).toContain(`not a message: ${field}`);
  });

  test("a bad frame inside a match never reaches the partner", async () => {
    const healthy = await pair(edge);
    healthy.first.say({
      type: "signal",
      matchId: healthy.matchId,
      description: { type: "offer", sdp, extra: 1 },
    });
    expect(await healthy.first.next()).toMatchObject({ type: "error", code: "bad-message" });
    await expectHealthy(healthy);
  });

  test("ten bad frames in a row: closed, and the partner is told", async () => {
    const healthy = await pair(edge);
    const { first, second } = await pair(edge);
    for (let n = 0; n < 20; n += 1) first.socket.send("garbage");
    const { errors, code } = await untilClosed(first);
    expect(errors).toEqual(Array(10).fill("bad-message"));
    expect(code).toBe(CloseCode.badMessages);
    expect(await second.expect("ended")).toMatchObject({ reason: "left" });
    await expectHealthy(healthy);
  });

  test("nine bad frames, a good one, nine bad ones: not closed", async () => {
    const stranger = await join(edge);
    for (const frames of [9, 9]) {
      for (let n = 0; n < frames; n += 1) stranger.socket.send("garbage");
      for (let n = 0; n < frames; n += 1) await stranger.expect("error");
      await stranger.expectNothingMore();
    }
  });

  test.each([
    ["text", "x".repeat(MAX_MESSAGE_LENGTH + 1)],
    ["much text", "x".repeat(5_000_000)],
  ])("too much %s: an error and a close", async (_, frame) => {
    const healthy = await pair(edge);
    const stranger = await join(edge);
    stranger.socket.send(frame);
    expect(await untilClosed(stranger)).toEqual({ errors: ["too-large"], code: CloseCode.tooLarge });
    await expectHealthy(healthy);
  });

  test("a flood: refused with a pause, then closed", async () => {
    const healthy = await pair(edge);
    const flooder = await join(edge);
    for (let n = 0; n < 2_000; n += 1) flooder.say({ type: "signal", matchId, candidates: [{}] });
    const { errors, code } = await untilClosed(flooder);
    expect(new Set(errors)).toEqual(new Set(["not-matched", "rate-limited"]));
    expect(code).toBe(CloseCode.rateLimited);
    await expectHealthy(healthy);
  });

  test("a flood of large signals is refused before it piles up, and little by little is not", async () => {
    const { first, second, matchId } = await pair(edge);
    const description = { type: "offer", sdp: "x".repeat(59_000) };
    for (let n = 0; n < 4; n += 1) first.say({ type: "signal", matchId, description });
    for (let n = 0; n < 4; n += 1) await second.expect("signal");
    first.say({ type: "signal", matchId, description });
    const { code, retryAfter } = await first.expect("error");
    expect(code).toBe("rate-limited");
    expect(retryAfter).toBeGreaterThan(0);
    await second.expectNothingMore();
  });
});
