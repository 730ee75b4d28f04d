/**
 * What one socket may send, and how fast: every frame of a stranger becomes a message of the protocol here, or a
 * refusal. Kept in memory only; a lobby that forgets it has been quiet for long enough.
 */
import * as v from "valibot";
import { CloseCode } from "../protocol/close-codes.ts";
import { ClientMessage, type ErrorCode, MAX_MESSAGE_LENGTH } from "../protocol/messages.ts";
import { TokenBucket } from "./token-bucket.ts";

export type Reading =
  | { message: ClientMessage; text: string }
  | { error: { code: ErrorCode; message: string; retryAfter?: number }; close?: CloseCode };

/** All frames together. */
const FRAMES = { burst: 100, perSecond: 50 };
/**
 * Characters. An offer has some 10,000; what a partner who does not read makes the lobby hold is this, until the
 * partner is given up for not sending pings.
 */
const VOLUME = { burst: 262_144, perSecond: 32_768 };
/** `search`, `skip` and `stop`, which others feel. Bounds how many skips fall within a rematch window. */
const MOVES = { burst: 30, perSecond: 2 };
/** Refusals for the rate; beyond these the socket is closed. */
const PATIENCE = { burst: 100, perSecond: 1 };
const MAX_BAD_IN_A_ROW = 10;

export class Conduct {
  readonly #frames = new TokenBucket(FRAMES);
  readonly #volume = new TokenBucket(VOLUME);
  readonly #moves = new TokenBucket(MOVES);
  readonly #patience = new TokenBucket(PATIENCE);
  #badInARow = 0;
  /** When the last frame came; 0 before the first. Milliseconds. */
  heardAt = 0;

  /** @param now milliseconds */
  read(frame: string | ArrayBuffer, now: number): Reading {
    this.heardAt = now;
    const wait = this.#frames.take(now);
    if (wait > 0) return this.#tooFast(wait, now);
    if (typeof frame !== "string") return this.#bad("a binary frame");
    if (frame.length > MAX_MESSAGE_LENGTH) {
      const message = `more than ${MAX_MESSAGE_LENGTH} characters`;
      return { error: { code: "too-large", message }, close: CloseCode.tooLarge };
    }
    const rest = this.#volume.take(now, frame.length);
    if (rest > 0) return this.#tooFast(rest, now);
    const parsed = v.safeParse(ClientMessage, parseJson(frame), { abortEarly: true });
    if (!parsed.success) return this.#bad(v.getDotPath(parsed.issues[0]) ?? "not a JSON object");
    this.#badInARow = 0;
    const message = parsed.output;
    const pause = message.type === "signal" ? 0 : this.#moves.take(now);
    return pause > 0 ? this.#tooFast(pause, now) : { message, text: frame };
  }

  #tooFast(wait: number, now: number): Reading {
    const retryAfter = Math.ceil(wait * 1_000) / 1_000;
    const error = { code: "rate-limited", message: "slow down", retryAfter } as const;
    return this.#patience.take(now) > 0 ? { error, close: CloseCode.rateLimited } : { error };
  }

  /** @param where what is wrong; cut, as it may quote the frame */
  #bad(where: string): Reading {
    this.#badInARow += 1;
    const error = { code: "bad-message", message: `not a message: ${where.slice(0, 100)}` } as const;
    return this.#badInARow < MAX_BAD_IN_A_ROW ? { error } : { error, close: CloseCode.badMessages };
  }
}

/** `undefined`, which no JSON text stands for, if the text is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
