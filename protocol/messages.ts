/**
 * What is said on `/ws`: JSON text frames, one message each, told apart by `type`.
 * A field that is not listed here is refused, so nothing unexpected can reach the other side of a match.
 * `ping` (the bare word, not JSON) is answered with `pong` by the runtime without waking the lobby.
 */
import * as v from "valibot";

/** The version of this vocabulary; asked for with `/ws?v=1`, announced in `welcome`. */
export const PROTOCOL_VERSION = 1;

export const HEARTBEAT = { request: "ping", response: "pong", seconds: 30 } as const;

/** Characters (UTF-16 units) of one frame that are read at all; what is longer is refused unread. */
export const MAX_MESSAGE_LENGTH = 65_536;

const MatchId = v.pipe(v.string(), v.minLength(1), v.maxLength(64));

/** RTCSessionDescriptionInit (W3C WebRTC, section 4.9.1). */
const Description = v.strictObject({
  type: v.picklist(["offer", "answer", "pranswer", "rollback"]),
  sdp: v.optional(v.pipe(v.string(), v.maxLength(60_000))),
});

/** RTCIceCandidateInit (W3C WebRTC, section 4.8.1). An empty `candidate` means the end of candidates. */
const Candidate = v.strictObject({
  candidate: v.optional(v.pipe(v.string(), v.maxLength(1_024))),
  sdpMid: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(256)))),
  sdpMLineIndex: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)))),
  usernameFragment: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(256)))),
});

/** I wait for a stranger. */
const Search = v.strictObject({ type: v.literal("search") });

/** To the other side of my match, relayed verbatim: either a description, or a batch of candidates. */
const Signal = v.pipe(
  v.strictObject({
    type: v.literal("signal"),
    matchId: MatchId,
    description: v.exactOptional(Description),
    candidates: v.exactOptional(v.pipe(v.array(Candidate), v.minLength(1), v.maxLength(32))),
  }),
  v.forward(
    v.check(({ description, candidates }) => (description === undefined) !== (candidates === undefined)),
    ["description"],
  ),
);
export type Signal = v.InferOutput<typeof Signal>;

/**
 * The next one, please: ends this match for both, and both wait again. It names the match, so that two who skip
 * each other at the same time do not skip the next one unseen.
 */
const Skip = v.strictObject({ type: v.literal("skip"), matchId: MatchId });

/** No more: ends the match or the waiting; answered with `stopped`. */
const Stop = v.strictObject({ type: v.literal("stop") });

export const ClientMessage = v.variant("type", [Search, Signal, Skip, Stop]);
export type ClientMessage = v.InferOutput<typeof ClientMessage>;

/** The perfect-negotiation role (W3C WebRTC, section 10.7): who waited longer is impolite, and makes the first offer. */
export type Role = "polite" | "impolite";

/** Why a match is over, as the one who did not end it is told. */
export type EndReason = "skipped" | "stopped" | "left";

export const ERROR_CODES = [
  "bad-message",
  "too-large",
  "not-matched",
  "already-matched",
  "rate-limited",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export type ServerMessage =
  /** First on every socket. `challenge` is random, for signing in; send `ping` every `heartbeatSeconds`. */
  | { type: "welcome"; version: typeof PROTOCOL_VERSION; challenge: string; heartbeatSeconds: number }
  /** You are in the queue. */
  | { type: "waiting" }
  /** Somebody is there. The impolite side makes the offer. */
  | { type: "matched"; matchId: string; role: Role }
  /** From the other side of your match, as it was sent. */
  | Signal
  /** The match is over. After `skipped` and `left` a `waiting` follows: you are in the queue again. */
  | { type: "ended"; matchId: string; reason: EndReason }
  /** You are neither matched nor in the queue. */
  | { type: "stopped" }
  /** What you sent was not done, and why; `retryAfter` in seconds where waiting helps. */
  | { type: "error"; code: ErrorCode; message: string; retryAfter?: number };
