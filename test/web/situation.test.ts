import { describe, expect, test } from "vitest";
import type { CallView } from "../../web/page/call-view.ts";
import { type Facts, problemOf, statusOf } from "../../web/page/situation.ts";

const SEARCHING: Facts = {
  isIn: true,
  isAsking: false,
  isOnline: true,
  connection: { is: "open" },
  searchingSince: 5_000,
  call: undefined,
  ended: undefined,
  retryAt: undefined,
  hasRelay: true,
};
const CALL: CallView = {
  matchId: "5c0e",
  mode: "video",
  interests: [],
  met: false,
  npub: null,
  link: "connected",
  isDetached: false,
  partnerAway: null,
  isHeard: undefined,
  theirs: { audio: true, video: true },
};
const reconnecting = { is: "reconnecting", since: 0 } as const;
const closed = (why: "banned" | "unreachable" | "rate-limited" | "left" | "outdated") =>
  ({ is: "closed", why }) as const;
const inCall = (call: Partial<CallView>, more: Partial<Facts> = {}): Facts => ({
  ...SEARCHING,
  call: { ...CALL, ...call },
  ...more,
});

describe("what is happening", () => {
  test.each<[string, Facts]>([
    ["Not searching", { ...SEARCHING, isIn: false }],
    [
      "Your browser asks whether this page may use your camera and microphone",
      { ...SEARCHING, isIn: false, isAsking: true },
    ],
    ["Connecting to the server", { ...SEARCHING, connection: { is: "connecting" } }],
    ["Reconnecting to the server; your place is kept", { ...SEARCHING, connection: reconnecting }],
    ["Not connected to the server", { ...SEARCHING, connection: closed("banned") }],
    ["You are offline", { ...SEARCHING, isOnline: false, connection: reconnecting }],
    ["Connecting", inCall({ link: "connecting" })],
    ["Connected", inCall({})],
    ["Reconnecting to the stranger", inCall({ link: "reconnecting" })],
    ["The connection to the stranger failed", inCall({ link: "failed" })],
    ["Reconnecting to the server; the call goes on", inCall({}, { connection: reconnecting })],
    ["Reconnecting to the server", inCall({ link: "connecting" }, { connection: reconnecting })],
    [
      "The server has hung up; the call goes on",
      inCall({ isDetached: true }, { connection: closed("banned") }),
    ],
    ["The server has lost sight of this call; it goes on", inCall({ isDetached: true })],
    ["The stranger's connection to the server is gone", inCall({ partnerAway: 9_000 })],
    [
      "The stranger's connection to the server is gone; the call goes on",
      inCall({ partnerAway: 9_000, isHeard: true }),
    ],
    ["Reconnecting to the stranger", inCall({ partnerAway: 9_000, isHeard: false })],
    ["Reconnecting to the stranger", inCall({ isDetached: true, isHeard: false })],
    [
      "The stranger's connection is gone; waiting for them",
      inCall({ link: "connecting", partnerAway: 9_000 }),
    ],
    ["You are offline; the call goes on as long as it can", inCall({}, { isOnline: false })],
    ["You are offline", inCall({ link: "reconnecting" }, { isOnline: false })],
  ])("%s", (text, facts) => {
    expect(statusOf(facts)).toEqual({ text });
  });

  test("a search says since when, and whether somebody has left", () => {
    expect(statusOf(SEARCHING)).toEqual({ text: "Searching", since: 5_000 });
    expect(statusOf({ ...SEARCHING, ended: "you" }).text).toBe("Searching");
    for (const ended of ["skipped", "left", "stopped"] as const) {
      expect(statusOf({ ...SEARCHING, ended })).toEqual({ text: "They left; searching", since: 5_000 });
    }
  });
});

describe("what is in the way", () => {
  test("nothing, as long as all goes well or comes back by itself", () => {
    for (const facts of [SEARCHING, { ...SEARCHING, connection: reconnecting }, inCall({})]) {
      expect(problemOf(facts)).toBeUndefined();
    }
    expect(problemOf({ ...SEARCHING, connection: closed("left") })).toBeUndefined();
  });

  test("why the server has hung up, and until when", () => {
    expect(problemOf({ ...SEARCHING, connection: closed("unreachable") })).toEqual({ is: "unreachable" });
    expect(problemOf({ ...SEARCHING, connection: closed("rate-limited"), retryAt: 9_000 })).toEqual({
      is: "rate-limited",
      retryAt: 9_000,
    });
  });

  test("being offline comes before what it leads to", () => {
    expect(problemOf({ ...SEARCHING, isOnline: false, connection: closed("unreachable") })).toEqual({
      is: "offline",
    });
    expect(problemOf(inCall({ link: "failed" }, { isOnline: false }))).toEqual({ is: "offline" });
  });

  test("a call that is up is not covered by anything", () => {
    expect(problemOf(inCall({ isDetached: true }, { connection: closed("banned"), isOnline: false }))).toBe(
      undefined,
    );
  });

  test("a call that fails says whether a relay would have helped", () => {
    expect(problemOf(inCall({ link: "failed" }))).toEqual({ is: "call-failed" });
    expect(problemOf(inCall({ link: "failed" }, { hasRelay: false }))).toEqual({ is: "no-relay" });
  });

  test("on the start only what Start would meet anyway", () => {
    const start = { ...SEARCHING, isIn: false };
    expect(problemOf({ ...start, connection: closed("banned") })).toEqual({ is: "banned" });
    expect(problemOf({ ...start, connection: closed("outdated") })).toEqual({ is: "outdated" });
    expect(problemOf({ ...start, connection: closed("unreachable") })).toBeUndefined();
  });
});
