/** What it means that a connection to the server has ended: to come back, or why not. */
import { CloseCode } from "../../protocol/close-codes.ts";
import type { Told } from "./messages.ts";

/** From this code on the same meets the same answer. */
const FINAL = 4500;

export type Refusal = Told<"error">;

/** Why there is no connection, and none is being made. `retryAfter`: in so many seconds it may be another answer. */
export type Closed = {
  is: "closed";
  why:
    | "banned"
    | "too-many-connections"
    | "rate-limited"
    | "replaced"
    | "outdated"
    | "unreachable"
    | "draining"
    | "refused"
    /** This side has said goodbye. */
    | "left";
  retryAfter?: number;
};

/**
 * @param code as the server closed the connection; none if it was taken to be gone
 * @param refusal the last error that it gave on this connection
 * @returns why it is over; undefined: it broke, and is to be restored
 */
export function endingOf(code: number | undefined, refusal: Refusal | undefined): Closed | undefined {
  if (code === CloseCode.rateLimited) {
    const why = refusal?.code === "too-many-connections" ? refusal.code : "rate-limited";
    return closed(why, refusal);
  }
  if (code === CloseCode.goingAway && refusal?.code === "draining") return closed("draining", refusal);
  if (code === CloseCode.unsupportedVersion) return closed("outdated");
  if (code === CloseCode.banned) return closed("banned");
  if (code === CloseCode.replaced) return closed("replaced");
  return code !== undefined && code >= FINAL ? closed("refused") : undefined;
}

/** A pause that is shorter than a second was meant for a message, not for a connection. */
function closed(why: Closed["why"], refusal?: Refusal): Closed {
  const retryAfter = refusal?.retryAfter;
  return { is: "closed", why, ...(retryAfter === undefined ? {} : { retryAfter: Math.max(1, retryAfter) }) };
}
