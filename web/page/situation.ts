/** What is happening right now, in a line, and what is in the way: from all that the page knows, by no other rules. */
import type { EndOfCall } from "../client/call.ts";
import type { Connection } from "../client/line.ts";
import type { CallView } from "./call-view.ts";
import type { MeetingProblem } from "./words.ts";

export type Facts = {
  /** The person has asked to meet somebody, and not to stop. */
  isIn: boolean;
  /** The browser is asking them whether the page may use the camera. */
  isAsking: boolean;
  isOnline: boolean;
  connection: Connection | undefined;
  /** When the search began, in milliseconds since 1970. */
  searchingSince: number;
  call: CallView | undefined;
  /** How the last call ended. */
  ended: EndOfCall | undefined;
  /** When the page tries again by itself, in milliseconds since 1970. */
  retryAt: number | undefined;
  hasRelay: boolean;
};

/** `since`: from when on the seconds are counted. */
export type Status = { text: string; since?: number };

export function statusOf(facts: Facts): Status {
  const { call, connection } = facts;
  if (facts.isAsking)
    return { text: "Your browser asks whether this page may use your camera and microphone" };
  if (!facts.isIn) return { text: "Not searching" };
  if (call) return { text: callStatus(call, facts) };
  if (!facts.isOnline) return { text: "You are offline" };
  if (connection?.is === "closed") return { text: "Not connected to the server" };
  if (connection?.is === "reconnecting") return { text: "Reconnecting to the server; your place is kept" };
  if (connection?.is !== "open") return { text: "Connecting to the server" };
  const isLeft = facts.ended !== undefined && facts.ended !== "you";
  return { text: isLeft ? "They left; searching" : "Searching", since: facts.searchingSince };
}

function callStatus(call: CallView, { connection, isOnline }: Facts): string {
  if (call.link === "failed") return "The connection to the stranger failed";
  const isUp = call.link === "connected";
  if (!isOnline) return isUp ? "You are offline; the call goes on as long as it can" : "You are offline";
  if (connection?.is === "reconnecting") {
    return isUp ? "Reconnecting to the server; the call goes on" : "Reconnecting to the server";
  }
  if (connection?.is === "closed") return "The server has hung up; the call goes on";
  if (call.link === "reconnecting" || (isUp && call.isHeard === false)) return "Reconnecting to the stranger";
  if (call.isDetached) return "The server has lost sight of this call; it goes on";
  if (call.partnerAway !== null) {
    if (!isUp) return "The stranger's connection is gone; waiting for them";
    const isGone = "The stranger's connection to the server is gone";
    // Whether they are there in spite of that is known in a moment.
    return call.isHeard ? `${isGone}; the call goes on` : isGone;
  }
  return isUp ? "Connected" : "Connecting";
}

/** What keeps this person from meeting somebody, if anything does. */
export function problemOf(facts: Facts): MeetingProblem | undefined {
  const { call, connection, retryAt } = facts;
  const closed = connection?.is === "closed" ? connection.why : undefined;
  if (!facts.isIn) return closed === "banned" || closed === "outdated" ? { is: closed } : undefined;
  if (call?.link === "connected") return undefined;
  if (!facts.isOnline) return { is: "offline" };
  if (call) return call.link === "failed" ? { is: facts.hasRelay ? "call-failed" : "no-relay" } : undefined;
  if (closed === "rate-limited" || closed === "draining") return { is: closed, retryAt };
  return closed === undefined || closed === "left" ? undefined : { is: closed };
}
