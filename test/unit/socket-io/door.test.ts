import { expect, test } from "vitest";
import { arrival, SocketIoDoor } from "../../../edge/socket-io/door.ts";
import { CloseCode } from "../../../protocol/close-codes.ts";
import type { ServerMessage } from "../../../protocol/messages.ts";

const NOW = 1_700_000_000_000;
const CONNECTED = [{ answer: expect.stringMatching(/^40\{"sid":"[\w-]{36}"\}$/) }];
const UNEXPECTED = [{ bad: "a packet that is not expected now" }];
const STOP = { type: "stop" };

function open(hasPolled = false) {
  const door = new SocketIoDoor(arrival(hasPolled, NOW), 90_000);
  return {
    door,
    read: (frame: string) => door.read(frame, NOW),
    write: (message: object) => door.write(JSON.stringify(message)),
  };
}

function connected() {
  const client = open();
  expect(client.read("40")).toEqual(CONNECTED);
  return client;
}

test("events only after CONNECT, and only one CONNECT", () => {
  const { read, write } = open();
  expect(read('42["start-search"]')).toEqual(UNEXPECTED);
  expect(write({ type: "waiting" })).toEqual([]);
  expect(read("40/admin,")).toEqual([{ answer: '44/admin,{"message":"Invalid namespace"}' }]);
  expect(read("40")).toEqual(CONNECTED);
  expect(read("40")).toEqual(UNEXPECTED);
  expect(read('42["stop-search"]')).toEqual([{ value: STOP, text: JSON.stringify(STOP) }]);
  expect(write({ type: "waiting" })).toEqual(['42["waiting-for-peer"]']);
});

test("the first packet instead of a welcome", () => {
  expect(open().write({ type: "welcome" })).toEqual([
    expect.stringMatching(/^0\{"sid":.*"pingInterval":60000/),
  ]);
});

test("who has polled has had the first packet, and is connected by going on to the socket", () => {
  const { read, write } = open(true);
  expect(write({ type: "welcome" })).toEqual([]);
  expect(read("40")).toEqual(UNEXPECTED);
  expect(read("2probe")).toEqual([{ answer: "3probe" }]);
  expect(read("5")).toEqual(CONNECTED);
  expect(read("5")).toEqual(UNEXPECTED);
});

test("nobody probes or upgrades who has not polled", () => {
  const { read } = open();
  expect(read("2probe")).toEqual(UNEXPECTED);
  expect(read("5")).toEqual(UNEXPECTED);
});

test("every emit that asks for an acknowledgement gets one", () => {
  const { read } = connected();
  expect(read('420["stop-search"]')[0]).toEqual({ answer: '430[{"ok":true}]' });
  const error = { code: "not-matched", message: "this is not your match" };
  expect(read('421["match-ready",{"matchId":"x"}]')).toEqual([
    { answer: '431[{"ok":false,"message":"this is not your match"}]' },
    { error },
  ]);
  expect(read('42["match-ready",{"matchId":"x"}]')).toEqual([{ error }]);
  expect(read('422["no such event"]')).toEqual([
    { answer: '432[{"ok":false,"message":"not an event"}]' },
    { bad: "no such event" },
  ]);
});

test("leaving, by either packet", () => {
  expect(connected().read("41")).toEqual([{ leaves: true }]);
  expect(connected().read("1")).toEqual([{ leaves: true }]);
});

test("a pong is a sign of life, and nothing else", () => {
  const { door } = connected();
  expect(door.read("3", NOW + 5_000)).toEqual([]);
  expect(door.heardAt).toBe(NOW + 5_000);
});

test("goes on from its state", () => {
  const matched: ServerMessage = {
    type: "matched",
    matchId: "m",
    role: "polite",
    mode: "video",
    interests: [],
    peer: { npub: null, met: false },
    iceServers: [],
  };
  const { door, write } = connected();
  write(matched);
  const same = new SocketIoDoor(structuredClone(door.state), 90_000);
  expect(same.read('42["skip"]', NOW)).toMatchObject([{ value: { type: "skip", matchId: "m" } }]);
  const joined = '42["chat-joined",{"roomId":"m","userCount":2}]';
  expect(same.read('425["join-chat",{"roomId":"m"}]', NOW)).toEqual([
    { answer: '435[{"ok":true}]' },
    { answer: joined },
  ]);
  const again = new SocketIoDoor(structuredClone(same.state), 90_000);
  expect(again.write(JSON.stringify({ type: "ended", matchId: "m", reason: "left" }))).toEqual([
    '42["chat-user-left",{"userId":"m:impolite"}]',
    '42["peer-disconnected"]',
  ]);
});

test("says goodbye only to who is not to come back", () => {
  expect(connected().door.farewell(CloseCode.banned)).toEqual(["41"]);
  expect(connected().door.farewell(CloseCode.silent)).toEqual([]);
  expect(open().door.farewell(CloseCode.banned)).toEqual([]);
});
