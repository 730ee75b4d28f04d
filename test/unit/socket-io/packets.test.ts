import fc from "fast-check";
import { expect, test } from "vitest";
import {
  ackFrame,
  connectedFrame,
  decode,
  disconnectFrame,
  eventFrame,
  noopFrame,
  notConnectedFrame,
  openFrame,
  pingFrame,
  probedFrame,
} from "../../../edge/socket-io/packets.ts";

test.each([
  ["3", { type: "pong" }],
  ["2probe", { type: "probe" }],
  ["5", { type: "upgrade" }],
  ["1", { type: "close" }],
  ["40", { type: "connect", namespace: "/" }],
  ['40{"token":"x"}', { type: "connect", namespace: "/" }],
  ["40/admin,", { type: "connect", namespace: "/admin" }],
  ["41", { type: "disconnect" }],
  ['42["skip"]', { type: "event", name: "skip", args: [] }],
  ['42["signal",{"a":1},2]', { type: "event", name: "signal", args: [{ a: 1 }, 2] }],
  ['4217["match-ready",{}]', { type: "event", name: "match-ready", args: [{}], ack: 17 }],
])("%s is understood", (frame, packet) => {
  expect(decode(frame)).toEqual(packet);
});

test.each([
  ["", "2", "6", "7", "0{}", "4", "b", "bAQID", "hello", "ping", "\0"],
  [
    "42",
    "42[]",
    "42{}",
    "42[1]",
    '42["disconnect"]',
    '42["connect"]',
    '42["a"',
    '42/admin,["a"]',
    "41/admin,",
  ],
  [
    "43",
    '431["a"]',
    '44{"message":"x"}',
    '451-["a",{"_placeholder":true,"num":0}]',
    "49",
    '42999999999999999999["a"]',
  ],
])("what means nothing here", (...frames) => {
  for (const frame of frames) expect(decode(frame)).toBeUndefined();
});

test("a binary frame is not understood", () => {
  expect(decode(new Uint8Array([4, 2]).buffer)).toBeUndefined();
});

test("frames as clients read them", () => {
  expect(JSON.parse(openFrame(["websocket"], 90_000).slice(1))).toEqual({
    sid: expect.stringMatching(/^[\w-]{36}$/),
    upgrades: ["websocket"],
    pingInterval: 60_000,
    pingTimeout: 30_000,
    maxPayload: 65_536,
  });
  expect([pingFrame(), probedFrame(), noopFrame(), disconnectFrame()]).toEqual(["2", "3probe", "6", "41"]);
  expect(connectedFrame("s")).toBe('40{"sid":"s"}');
  expect(notConnectedFrame("/admin", "no")).toBe('44/admin,{"message":"no"}');
  expect(eventFrame(["skip"])).toBe('42["skip"]');
  expect(eventFrame(["signal", { roomId: "r" }])).toBe('42["signal",{"roomId":"r"}]');
  expect(ackFrame(3, { ok: true })).toBe('433[{"ok":true}]');
});

test("nothing that a stranger sends throws", () => {
  const start = fc.constantFrom("", "4", "40", "42", "42[", '42["signal",', "45", "451-", "2", "b");
  fc.assert(
    fc.property(start, fc.oneof(fc.string(), fc.json()), (head, tail) => {
      const packet = decode(head + tail);
      expect(packet === undefined || typeof packet.type === "string").toBe(true);
    }),
    { numRuns: 5_000 },
  );
});
