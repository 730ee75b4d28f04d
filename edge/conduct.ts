/**
 * What one socket may send, and how fast: what a stranger says becomes a message of the protocol here, or a refusal.
 * Kept in memory only; a lobby that forgets it has been quiet for long enough.
 */
import * as v from "valibot";
import { CloseCode } from "../protocol/close-codes.ts";
import { ClientMessage, type ErrorCode, MAX_MESSAGE_LENGTH } from "../protocol/messages.ts";
import { TokenBucket } from "./token-bucket.ts";

export type Refusal = {
  error: { code: ErrorCode; message: string; retryAfter?: number };
  close?: CloseCode;
};

/** All frames together. */
const FRAMES = { burst: 100, perSecond: 50 };
/**
 * Characters. An offer has some 10,000; what a partner who does not read makes the lobby hold is this, until the
 * partner is given up for not sending pings.
 */
const VOLUME = { burst: 262_144, perSecond: 32_768 };
/** Refusals for the rate; beyond these the socket is closed. */
const PATIENCE = { burst: 100, perSecond: 1 };
const MAX_BAD_IN_A_ROW = 10;

/** What others feel. Bounds how many skips fall within a rematch window. */
const MOVES = { name: "moves", burst: 30, perSecond: 2 };
/** Per kind of message, beside the limits of all frames. */
const RATES: Record<ClientMessage["type"], { name: string; burst: number; perSecond: number }> = {
  search: MOVES,
  skip: MOVES,
  block: MOVES,
  stop: MOVES,
  signal: { name: "signal", burst: 60, perSecond: 20 },
  chat: { name: "chat", burst: 10, perSecond: 2 },
  typing: { name: "typing", burst: 10, perSecond: 2 },
  app: { name: "app", burst: 60, perSecond: 30 },
  report: { name: "report", burst: 3, perSecond: 0.05 },
  auth: { name: "auth", burst: 3, perSecond: 0.1 },
  resume: { name: "resume", burst: 5, perSecond: 0.5 },
  "debug-state": { name: "debug-state", burst: 5, perSecond: 1 },
};

export class Conduct {
  readonly #frames = new TokenBucket(FRAMES);
  readonly #volume = new TokenBucket(VOLUME);
  readonly #patience = new TokenBucket(PATIENCE);
  readonly #kinds = new Map<string, TokenBucket>();
  #badInARow = 0;
  /** When the last frame came; 0 before the first. Milliseconds. */
  heardAt = 0;

  /** The text of a frame. Times are in milliseconds. */
  hear(frame: string | ArrayBuffer, now: number): { text: string } | Refusal {
    this.heardAt = now;
    const wait = this.#frames.take(now);
    if (wait > 0) return this.#tooFast(wait, now);
    if (typeof frame !== "string") return this.bad("a binary frame");
    if (frame.length > MAX_MESSAGE_LENGTH) {
      const message = `more than ${MAX_MESSAGE_LENGTH} characters`;
      return { error: { code: "too-large", message }, close: CloseCode.tooLarge };
    }
    const rest = this.#volume.take(now, frame.length);
    return rest > 0 ? this.#tooFast(rest, now) : { text: frame };
  }

  /** What is said with a value that anybody may have made up. */
  understand(value: unknown, now: number): { message: ClientMessage } | Refusal {
    const parsed = v.safeParse(ClientMessage, value, { abortEarly: true });
    if (!parsed.success) return this.bad(v.getDotPath(parsed.issues[0]) ?? "not a JSON object");
    this.#badInARow = 0;
    const message = parsed.output;
    const { name, ...limit } = RATES[message.type];
    const bucket = this.#kinds.get(name) ?? new TokenBucket(limit);
    this.#kinds.set(name, bucket);
    const pause = bucket.take(now);
    return pause > 0 ? this.#tooFast(pause, now) : { message };
  }

  #tooFast(wait: number, now: number): Refusal {
    const retryAfter = Math.ceil(wait * 1_000) / 1_000;
    const error = { code: "rate-limited", message: "slow down", retryAfter } as const;
    return this.#patience.take(now) > 0 ? { error, close: CloseCode.rateLimited } : { error };
  }

  /** Nothing is said. @param where what is wrong; cut, as it may quote the frame */
  bad(where: string): Refusal {
    this.#badInARow += 1;
    const error = { code: "bad-message", message: `not a message: ${where.slice(0, 100)}` } as const;
    return this.#badInARow < MAX_BAD_IN_A_ROW ? { error } : { error, close: CloseCode.badMessages };
  }
}
