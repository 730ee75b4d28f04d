/**
 * Between the events of Socket.IO clients and the messages of the protocol, for one socket. `roomId` is the match's
 * id; `peerId`, `partnerId`, `userId` and `senderId` are one name for the other side, made of the match and its role.
 */
import * as v from "valibot";
import {
  ClientMessage,
  type ErrorCode,
  type PeerMessage,
  type ServerMessage,
} from "../../protocol/messages.ts";
import type { Role } from "../../protocol/webrtc.ts";
import { type ClientEvent, readEvent, roomOf } from "./client-events.ts";
import { appOf, gameOf } from "./games.ts";
import type { Event } from "./packets.ts";

/** What has to be known of what was said before. */
export type Context = {
  match: { id: string; role: Role } | null;
  /** Whether the client has joined the chat of its match, and so is told that the other side has left it. */
  inChat: boolean;
  /** Whether the client was told `peer-skipped`, which says already that it waits. */
  wasSkipped: boolean;
};

export const NEWCOMER: Context = { match: null, inChat: false, wasSkipped: false };

export type Heard =
  | { message: ClientMessage }
  | { answers: Event[]; context: Context }
  /** No event, or not one that makes sense: what is wrong with it, which may quote it. */
  | { bad: string }
  | { error: { code: ErrorCode; message: string } };

/** What a client wants that emits this event. */
export function heard(name: string, args: unknown[], context: Context): Heard {
  const event = readEvent(name, args);
  if (!event) return { bad: name };
  const { match } = context;
  const room = roomOf(event);
  if (room !== undefined && room !== match?.id)
    return { error: { code: "not-matched", message: "this is not your match" } };
  switch (event.name) {
    case "match-ready":
      return { answers: [], context };
    case "join-chat":
      return {
        answers: [["chat-joined", { roomId: room, userCount: 2 }]],
        context: { ...context, inChat: true },
      };
    case "join-game-room":
      return { answers: [["game-room-joined", { roomId: room, partnerId: peerOf(match) }]], context };
    default: {
      const parsed = v.safeParse(ClientMessage, wanted(event, match?.id), { abortEarly: true });
      if (parsed.success) return { message: parsed.output };
      return { bad: `${name}: ${v.getDotPath(parsed.issues[0]) ?? "payload"}` };
    }
  }
}

type Wish = Exclude<ClientEvent, { name: "match-ready" | "join-chat" | "join-game-room" }>;

/** Yet to be checked. */
function wanted(event: Wish, matchId: string | undefined): object {
  switch (event.name) {
    case "start-search":
      return { type: "search" };
    // Who has just been left, and does not know it yet, wants the next one all the same.
    case "skip":
      return matchId === undefined ? { type: "search" } : { type: "skip", matchId };
    case "stop-search":
      return { type: "stop" };
    case "debug-state":
      return { type: "debug-state" };
    case "signal": {
      const { roomId: _, candidate, ...description } = event.payload;
      if (candidate === undefined) return { type: "signal", matchId, ...description };
      // As a browser says that there are no more.
      return { type: "signal", matchId, ...description, candidates: [candidate ?? { candidate: "" }] };
    }
    case "chat-message": {
      const { id, senderName: name = "", content } = event.payload.message;
      return { type: "chat", matchId, id, text: content, ...(name === "" ? {} : { name }) };
    }
    case "typing-start":
    case "typing-stop":
      return { type: "typing", matchId, on: event.name === "typing-start" };
    case "game-invite":
    case "game-response":
    case "game-action":
      return appOf(event);
  }
}

/** The events with which a client is told this, and what has to be known from now on. */
export function told(message: ServerMessage, context: Context): { events: Event[]; context: Context } {
  switch (message.type) {
    case "matched": {
      const match = { id: message.matchId, role: message.role };
      const { id: roomId, role } = match;
      const event: Event = [
        "match-ready",
        { roomId, isInitiator: role === "impolite", peerId: peerOf(match) },
      ];
      return { events: [event], context: { ...NEWCOMER, match } };
    }
    case "waiting":
      return { events: context.wasSkipped ? [] : [["waiting-for-peer"]], context: NEWCOMER };
    case "stopped":
      return { events: [], context: NEWCOMER };
    case "ended": {
      const wasSkipped = message.reason === "skipped";
      const end: Event = [wasSkipped ? "peer-skipped" : "peer-disconnected"];
      const events: Event[] = context.inChat
        ? [["chat-user-left", { userId: peerOf(context.match) }], end]
        : [end];
      return { events, context: { ...NEWCOMER, wasSkipped } };
    }
    case "signal":
    case "chat":
    case "typing":
    case "app":
      return { events: passedOn(message, peerOf(context.match)), context };
    case "debug-state": {
      const { type: _, ...state } = message;
      return { events: [["debug-info", state]], context };
    }
    case "error":
      return { events: [["connection-error", { message: message.message }]], context };
    // Of what is left these clients know nothing.
    default:
      return { events: [], context };
  }
}

function passedOn(message: PeerMessage, peerId: string): Event[] {
  const roomId = message.matchId;
  switch (message.type) {
    case "signal": {
      const { description, candidates = [] } = message;
      if (description) return [["signal", { roomId, description }]];
      return candidates.map((candidate) => ["signal", { roomId, candidate }]);
    }
    case "chat": {
      const { id, text: content, name: senderName = "Stranger" } = message;
      return [["chat-message", { roomId, message: { id, senderId: peerId, senderName, content } }]];
    }
    case "typing":
      return [[message.on ? "typing-start" : "typing-stop", { userId: peerId }]];
    case "app":
      return [gameOf(message)];
  }
}

const peerOf = (match: Context["match"]): string =>
  match === null ? "" : `${match.id}:${match.role === "polite" ? "impolite" : "polite"}`;
