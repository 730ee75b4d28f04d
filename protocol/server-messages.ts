/** What the server says on `/ws`. */
import * as v from "valibot";
import { Mode, PeerMessage } from "./client-messages.ts";
import { IceServer, Role } from "./webrtc.ts";

/** The version of this vocabulary; asked for with `/ws?v=1`, announced in `welcome`. */
export const PROTOCOL_VERSION = 1;

/** NIP-19. */
const Npub = v.pipe(v.string(), v.regex(/^npub1[a-z0-9]{58}$/));
const Seconds = v.pipe(v.number(), v.minValue(0));

/**
 * First on every socket. `challenge` is random, for signing in; `lobby` is where to come back to (`/ws?v=1&lobby=…`),
 * within `resumeSeconds` of a drop, after a random part of `reconnectJitterSeconds`.
 */
const Welcome = v.strictObject({
  type: v.literal("welcome"),
  version: v.literal(PROTOCOL_VERSION),
  challenge: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  heartbeatSeconds: Seconds,
  lobby: v.string(),
  resumeSeconds: Seconds,
  reconnectJitterSeconds: Seconds,
});

/** Keep this: what `resume` asks for. Each replaces the one before. */
const Session = v.strictObject({ type: v.literal("session"), token: v.string() });

/** You are in the queue. */
const Waiting = v.strictObject({ type: v.literal("waiting") });

/** You are neither matched nor in the queue. */
const Stopped = v.strictObject({ type: v.literal("stopped") });

const match = {
  matchId: v.string(),
  role: Role,
  mode: Mode,
  /** Those that both named, as the server writes them. */
  interests: v.array(v.string()),
  /** The other side: who they have proven to be, and whether the two have met before. */
  peer: v.strictObject({ npub: v.nullable(Npub), met: v.boolean() }),
  iceServers: v.array(IceServer),
};

/** Somebody is there. The impolite side makes the offer. */
const Matched = v.strictObject({ type: v.literal("matched"), ...match });

/** You are where you were; what was said to you meanwhile follows. No `match`: you are in none, or not any more. */
const Resumed = v.strictObject({
  type: v.literal("resumed"),
  at: v.picklist(["idle", "waiting", "matched"]),
  match: v.exactOptional(v.strictObject({ ...match, peerPresent: v.boolean() })),
  npub: v.nullable(Npub),
});

/** The other side has proven who they are. */
const Peer = v.strictObject({ type: v.literal("peer"), matchId: v.string(), npub: Npub });

/** The other side's connection to the server is gone; the match goes on for so long. */
const PeerReconnecting = v.strictObject({
  type: v.literal("peer-reconnecting"),
  matchId: v.string(),
  seconds: Seconds,
});

/** The other side has come back, on a new connection. */
const PeerResumed = v.strictObject({ type: v.literal("peer-resumed"), matchId: v.string() });

/** Why a match is over, as the one who did not end it is told. */
const EndReason = v.picklist(["skipped", "stopped", "left"]);
export type EndReason = v.InferOutput<typeof EndReason>;

/** The match is over. After `skipped` and `left` a `waiting` follows: you are in the queue again. */
const Ended = v.strictObject({ type: v.literal("ended"), matchId: v.string(), reason: EndReason });

const Authenticated = v.strictObject({ type: v.literal("authenticated"), npub: Npub });

const Reported = v.strictObject({ type: v.literal("reported"), matchId: v.string() });

/** Go to `/ws?v=1&lobby=…` and say `resume` there with this token: your place is kept. */
const Move = v.strictObject({ type: v.literal("move"), lobby: v.string(), token: v.string() });

/** There will be no new matches here; those under way go on. */
const Draining = v.strictObject({ type: v.literal("draining") });

/** What the server knows of you. `queuePosition` counts from 1, and is 0 outside the queue. */
const DebugState = v.strictObject({
  type: v.literal("debug-state"),
  state: v.picklist(["idle", "waiting", "matched"]),
  inWaitingQueue: v.boolean(),
  queuePosition: v.number(),
  waitingQueueSize: v.number(),
  totalUsers: v.number(),
});

const ErrorCode = v.picklist([
  "bad-message",
  "too-large",
  "not-matched",
  "already-matched",
  "peer-away",
  "rate-limited",
  "too-many-connections",
  "resume-failed",
  "auth-failed",
  "banned",
  "draining",
  "unavailable",
]);
export type ErrorCode = v.InferOutput<typeof ErrorCode>;

/** What you sent was not done, and why; `retryAfter` in seconds where waiting helps. */
const Failure = v.strictObject({
  type: v.literal("error"),
  code: ErrorCode,
  message: v.string(),
  retryAfter: v.exactOptional(Seconds),
});

export const ServerMessage = v.variant("type", [
  Welcome,
  Session,
  Waiting,
  Matched,
  Resumed,
  PeerMessage,
  Peer,
  PeerReconnecting,
  PeerResumed,
  Ended,
  Stopped,
  Authenticated,
  Reported,
  Move,
  Draining,
  DebugState,
  Failure,
]);
export type ServerMessage = v.InferOutput<typeof ServerMessage>;
