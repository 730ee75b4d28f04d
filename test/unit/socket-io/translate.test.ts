import { describe, expect, test } from "vitest";
import { heard, NEWCOMER, told } from "../../../edge/socket-io/translate.ts";
import type { ServerMessage } from "../../../protocol/messages.ts";

const ROOM = "5c0e";
const MATCHED = { ...NEWCOMER, match: { id: ROOM, role: "impolite" } } as const;
const PEER = `${ROOM}:polite`;

const OFFER = { type: "offer", sdp: "v=0" } as const;
const CANDIDATE = { candidate: "candidate:1", sdpMid: "0", sdpMLineIndex: 0, usernameFragment: "a1b2" };
const LINE = { id: "1", senderId: "me", senderName: "Me", content: "hello" };
const app = (event: string, more: object) => ({ type: "app", matchId: ROOM, app: "chess", event, ...more });

describe("in a match", () => {
  test.each<[string, object | undefined, object]>([
    ["start-search", undefined, { type: "search", interests: [], mode: "video" }],
    ["skip", undefined, { type: "skip", matchId: ROOM }],
    ["skip", { left: "over" }, { type: "skip", matchId: ROOM }],
    ["stop-search", undefined, { type: "stop" }],
    ["debug-state", undefined, { type: "debug-state" }],
    ["signal", { description: OFFER }, { type: "signal", matchId: ROOM, description: OFFER }],
    ["signal", { candidate: CANDIDATE }, { type: "signal", matchId: ROOM, candidates: [CANDIDATE] }],
    ["signal", { candidate: null }, { type: "signal", matchId: ROOM, candidates: [{ candidate: "" }] }],
    ["chat-message", { message: LINE }, { type: "chat", matchId: ROOM, id: "1", text: "hello", name: "Me" }],
    ["typing-start", {}, { type: "typing", matchId: ROOM, on: true }],
    ["typing-stop", {}, { type: "typing", matchId: ROOM, on: false }],
    ["game-invite", { game: "chess", settings: { rated: true } }, app("invite", { data: { rated: true } })],
    ["game-invite", { game: "chess" }, app("invite", {})],
    ["game-response", { game: "chess", accepted: false }, app("response", { data: false })],
    [
      "game-action",
      { game: "chess", type: "move", data: "e4" },
      app("action", { data: { type: "move", data: "e4" } }),
    ],
    ["game-action", { game: "chess", type: "resign" }, app("action", { data: { type: "resign" } })],
  ])("%s %j is a message", (name, payload, message) => {
    const args =
      payload && name.includes("-search") === false && name !== "skip"
        ? [{ roomId: ROOM, ...payload }]
        : payload
          ? [payload]
          : [];
    expect(heard(name, args, MATCHED)).toEqual({ message });
  });

  test.each([
    ["match-ready", { matchId: ROOM }, []],
    ["join-chat", { roomId: ROOM }, [["chat-joined", { roomId: ROOM, userCount: 2 }]]],
    ["join-game-room", { roomId: ROOM }, [["game-room-joined", { roomId: ROOM, partnerId: PEER }]]],
  ])("%s is answered here", (name, payload, answers) => {
    expect(heard(name, [payload], MATCHED)).toMatchObject({ answers });
  });
});

describe("refused", () => {
  test.each<[string, ...unknown[]]>([
    ["unknown"],
    ["__proto__"],
    ["x".repeat(10_000)],
    ["signal"],
    ["signal", null],
    ["signal", { roomId: ROOM }],
    ["signal", { roomId: ROOM, description: OFFER, candidate: CANDIDATE }],
    ["signal", { roomId: ROOM, description: { ...OFFER, more: 1 } }],
    ["signal", { roomId: ROOM, description: { type: "offer", sdp: "x".repeat(60_001) } }],
    ["signal", { roomId: ROOM, candidates: [CANDIDATE] }],
    ["signal", { roomId: ROOM, candidate: CANDIDATE }, "more"],
    ["signal", { roomId: ROOM, matchId: ROOM, candidate: CANDIDATE }],
    ["chat-message", { roomId: ROOM, message: { ...LINE, content: "x".repeat(2_001) } }],
    ["chat-message", { roomId: ROOM, message: { ...LINE, content: "" } }],
    ["chat-message", { roomId: ROOM, message: { ...LINE, senderName: 7 } }],
    ["chat-message", { roomId: ROOM, message: { ...LINE, html: "<b>" } }],
    ["game-action", { roomId: ROOM, game: "chess", type: "move", data: "x".repeat(16_400) }],
    ["game-action", { roomId: ROOM, game: "x".repeat(65), type: "move" }],
    ["game-response", { roomId: ROOM, game: "chess", accepted: "yes" }],
    ["typing-start", { roomId: { toString: "x" } }],
  ])("%s", (name, ...args) => {
    expect(heard(name, args, MATCHED)).toEqual({ bad: expect.stringContaining(name) });
  });

  test.each([
    ["match-ready", { matchId: "another" }],
    ["join-chat", { roomId: "another" }],
    ["join-game-room", { roomId: "another" }],
    ["signal", { roomId: "another", description: OFFER }],
    ["typing-start", { roomId: "another" }],
  ])("%s outside the own match", (name, payload) => {
    const error = { code: "not-matched", message: "this is not your match" };
    expect(heard(name, [payload], MATCHED)).toEqual({ error });
    expect(heard(name, [payload], NEWCOMER)).toEqual({ error });
  });
});

test("who skips without a match wants the next one all the same", () => {
  expect(heard("skip", [], NEWCOMER)).toEqual({ message: { type: "search", interests: [], mode: "video" } });
});

/** The events of all of these messages, one after another. */
function story(...messages: ServerMessage[]) {
  let context = NEWCOMER as Parameters<typeof told>[1];
  return messages.flatMap((message) => {
    const { events, context: next } = told(message, context);
    context = next;
    return events;
  });
}

const matched = {
  type: "matched",
  matchId: ROOM,
  role: "impolite",
  mode: "video",
  interests: [],
  peer: { npub: null, met: false },
  iceServers: [],
} satisfies ServerMessage;
const READY = ["match-ready", { roomId: ROOM, isInitiator: true, peerId: PEER }];
const ended = (reason: "skipped" | "stopped" | "left") => ({ type: "ended", matchId: ROOM, reason }) as const;

describe("a client is told", () => {
  test("of its match, and of its end: a skip says already that it waits", () => {
    expect(story({ type: "waiting" }, matched)).toEqual([["waiting-for-peer"], READY]);
    expect(story({ ...matched, role: "polite" })).toEqual([
      ["match-ready", { roomId: ROOM, isInitiator: false, peerId: `${ROOM}:impolite` }],
    ]);
    expect(story(matched, ended("skipped"), { type: "waiting" }, { type: "waiting" })).toEqual([
      READY,
      ["peer-skipped"],
      ["waiting-for-peer"],
    ]);
    expect(story(matched, ended("left"), { type: "waiting" })).toEqual([
      READY,
      ["peer-disconnected"],
      ["waiting-for-peer"],
    ]);
    expect(story(matched, ended("stopped"))).toEqual([READY, ["peer-disconnected"]]);
    expect(story(matched, { type: "waiting" }, { type: "stopped" })).toEqual([READY, ["waiting-for-peer"]]);
  });

  test("that the other side has left the chat, if it was in it", () => {
    const joined = heard("join-chat", [{ roomId: ROOM }], MATCHED);
    if (!("context" in joined)) throw new Error("not joined");
    const { events, context } = told(ended("stopped"), joined.context);
    expect(events).toEqual([["chat-user-left", { userId: PEER }], ["peer-disconnected"]]);
    expect(context).toEqual(NEWCOMER);
  });

  test("what the other side says", () => {
    const says = (message: object) => told({ matchId: ROOM, ...message } as ServerMessage, MATCHED).events;
    const roomId = ROOM;
    expect(says({ type: "signal", description: OFFER })).toEqual([
      ["signal", { roomId, description: OFFER }],
    ]);
    const other = { candidate: "" };
    expect(says({ type: "signal", candidates: [CANDIDATE, other] })).toEqual([
      ["signal", { roomId, candidate: CANDIDATE }],
      ["signal", { roomId, candidate: other }],
    ]);
    const line = { id: "1", senderId: PEER, senderName: "Me", content: "hello" };
    expect(says({ type: "chat", id: "1", text: "hello", name: "Me" })).toEqual([
      ["chat-message", { roomId, message: line }],
    ]);
    expect(says({ type: "chat", id: "1", text: "hello" })).toEqual([
      ["chat-message", { roomId, message: { ...line, senderName: "Stranger" } }],
    ]);
    expect(says({ type: "typing", on: true })).toEqual([["typing-start", { userId: PEER }]]);
    expect(says({ type: "typing", on: false })).toEqual([["typing-stop", { userId: PEER }]]);
  });

  test.each([
    ["game-invite", { game: "chess", settings: { rated: true } }],
    ["game-invite", { game: "chess" }],
    ["game-response", { game: "chess", accepted: true }],
    ["game-action", { game: "chess", type: "invite", data: { a: [1] } }],
    ["game-action", { game: "chess", type: "resign" }],
  ])("of %s %j exactly what was sent", (name, payload) => {
    const sent = { ...payload, roomId: ROOM };
    const result = heard(name, [sent], MATCHED);
    if (!("message" in result)) throw new Error(`refused: ${JSON.stringify(result)}`);
    expect(told(result.message as ServerMessage, MATCHED).events).toEqual([[name, sent]]);
  });

  test("of another app's messages, as actions", () => {
    const says = (event: string, data?: unknown) =>
      told({ ...app(event, data === undefined ? {} : { data }) } as ServerMessage, MATCHED).events;
    const action = (type: string, data?: unknown) => [
      ["game-action", { game: "chess", type, ...(data === undefined ? {} : { data }), roomId: ROOM }],
    ];
    expect(says("move", "e4")).toEqual(action("move", "e4"));
    expect(says("response", "maybe")).toEqual(action("response", "maybe"));
    expect(says("action", { type: 7 })).toEqual(action("action", { type: 7 }));
    expect(says("resign")).toEqual(action("resign"));
  });

  test("what it asks about itself, and what is refused", () => {
    const state = {
      state: "waiting",
      inWaitingQueue: true,
      queuePosition: 1,
      waitingQueueSize: 1,
      totalUsers: 3,
    } as const;
    expect(story({ type: "debug-state", ...state })).toEqual([["debug-info", state]]);
    expect(story({ type: "error", code: "not-matched", message: "no" })).toEqual([
      ["connection-error", { message: "no" }],
    ]);
  });

  test("nothing of what it could not understand", () => {
    expect(
      story(
        { type: "peer-reconnecting", matchId: ROOM, seconds: 60 },
        { type: "peer-resumed", matchId: ROOM },
        { type: "draining" },
        { type: "reported", matchId: ROOM },
      ),
    ).toEqual([]);
  });
});
