import { expect, test } from "vitest";
import { SocketIoDoor } from "../../../edge/socket-io/door.ts";
import { CloseCode } from "../../../protocol/close-codes.ts";
import type { ServerMessage } from "../../../protocol/messages.ts";

const CONNECTED = expect.stringMatching(/^40\{"sid":"[\w-]{36}"\}$/);
const bad = { frames: [], error: { code: "bad-message", message: "not a packet that is expected now" } };

function connected(): SocketIoDoor {
  const door = SocketIoDoor.open(false);
  expect(door.read("40")).toEqual({ frames: [CONNECTED] });
  return door;
}

test("events only after CONNECT, and only one CONNECT", () => {
  const door = SocketIoDoor.open(false);
  expect(door.read('42["start-search"]')).toEqual(bad);
  expect(door.write({ type: "waiting" })).toEqual([]);
  expect(door.read("40/admin,")).toEqual({ frames: ['44/admin,{"message":"Invalid namespace"}'] });
  expect(door.read("40")).toEqual({ frames: [CONNECTED] });
  expect(door.read("40")).toEqual(bad);
  expect(door.read('42["stop-search"]')).toEqual({ frames: [], message: { type: "stop" } });
  expect(door.write({ type: "waiting" })).toEqual(['42["waiting-for-peer"]']);
});

test("who has polled is connected by going on to the socket", () => {
  const door = SocketIoDoor.open(true);
  expect(door.read("40")).toEqual(bad);
  expect(door.read("2probe")).toEqual({ frames: ["3probe"] });
  expect(door.read("5")).toEqual({ frames: [CONNECTED] });
  expect(door.read("5")).toEqual(bad);
});

test("nobody probes or upgrades who has not polled", () => {
  const door = SocketIoDoor.open(false);
  expect(door.read("2probe")).toEqual(bad);
  expect(door.read("5")).toEqual(bad);
});

test("every emit that asks for an acknowledgement gets one", () => {
  const door = connected();
  expect(door.read('420["start-search"]')).toMatchObject({ frames: ['430[{"ok":true}]'] });
  const error = { code: "not-matched", message: "this is not your match" };
  expect(door.read('421["match-ready",{"matchId":"x"}]')).toEqual({
    frames: ['431[{"ok":false,"message":"this is not your match"}]'],
    error,
  });
  expect(door.read('42["match-ready",{"matchId":"x"}]')).toEqual({ frames: [], error });
});

test("leaving, by either packet", () => {
  expect(connected().read("41")).toEqual({ frames: [], leaves: true });
  expect(connected().read("1")).toEqual({ frames: [], leaves: true });
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
  const door = connected();
  door.write(matched);
  const same = new SocketIoDoor(JSON.parse(JSON.stringify(door.state)));
  expect(same.read('42["skip"]')).toEqual({ frames: [], message: { type: "skip", matchId: "m" } });
  const joined = '42["chat-joined",{"roomId":"m","userCount":2}]';
  expect(same.read('425["join-chat",{"roomId":"m"}]')).toEqual({ frames: ['435[{"ok":true}]', joined] });
  const again = new SocketIoDoor(same.state);
  expect(again.write({ type: "ended", matchId: "m", reason: "left" })).toEqual([
    '42["chat-user-left",{"userId":"m:impolite"}]',
    '42["peer-disconnected"]',
  ]);
});

test("says goodbye only to who is not to come back", () => {
  expect(connected().farewell(CloseCode.banned)).toEqual(["41"]);
  expect(connected().farewell(CloseCode.silent)).toEqual([]);
  expect(SocketIoDoor.open(false).farewell(CloseCode.banned)).toEqual([]);
});
