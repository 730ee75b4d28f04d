/** What Socket.IO clients are told, by name (docs/socket-io.md). */
import * as v from "valibot";
import { Candidate, Description } from "../../../protocol/webrtc.ts";

const text = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max));
const room = { roomId: v.string() };
const Person = v.pipe(v.string(), v.regex(/^[0-9a-f-]{36}:(im)?polite$/));

const bare = <const Name extends string>(name: Name) => v.strictTuple([v.literal(name)]);
const event = <const Name extends string, Payload extends v.ObjectEntries>(name: Name, payload: Payload) =>
  v.strictTuple([v.literal(name), v.strictObject(payload)]);

export const ServerEvent = v.union([
  bare("waiting-for-peer"),
  bare("peer-skipped"),
  bare("peer-disconnected"),
  event("match-ready", { ...room, isInitiator: v.boolean(), peerId: Person }),
  event("connection-error", { message: v.string() }),
  event("signal", { ...room, description: Description }),
  event("signal", { ...room, candidate: Candidate }),
  event("debug-info", {
    state: v.picklist(["idle", "waiting", "matched"]),
    inWaitingQueue: v.boolean(),
    queuePosition: v.number(),
    waitingQueueSize: v.number(),
    totalUsers: v.number(),
  }),
  event("chat-joined", { ...room, userCount: v.literal(2) }),
  event("chat-message", {
    ...room,
    message: v.strictObject({ id: text(64), senderId: Person, senderName: text(64), content: text(2_000) }),
  }),
  event("typing-start", { userId: Person }),
  event("typing-stop", { userId: Person }),
  event("chat-user-left", { userId: Person }),
  event("game-room-joined", { ...room, partnerId: Person }),
  event("game-invite", { ...room, game: text(64), settings: v.exactOptional(v.unknown()) }),
  event("game-response", { ...room, game: text(64), accepted: v.boolean() }),
  event("game-action", { ...room, game: text(64), type: v.string(), data: v.exactOptional(v.unknown()) }),
]);
export type ServerEvent = v.InferOutput<typeof ServerEvent>;

/** The match that an event is about, if it names one. */
export const roomOf = ([, about]: ServerEvent): string | undefined =>
  about && "roomId" in about ? about.roomId : undefined;
