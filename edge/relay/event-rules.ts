/** Which events this relay takes. */
import { CLIENT_AUTH, isEphemeral, type NostrEvent } from "../../protocol/nostr.ts";
import { LIMITS } from "./limits.ts";

/** Why not, in the words of an OK; undefined if it may come in. `now` in milliseconds. */
export function refusal({ kind, tags, created_at }: NostrEvent, now: number): string | undefined {
  if (!isEphemeral(kind)) return "blocked: this relay takes ephemeral events only (kinds 20000 to 29999)";
  // NIP-42: never passed on, for whoever saw it could use it against the relay it was made for.
  if (kind === CLIENT_AUTH) return "blocked: an authentication event is for one relay, not for passing on";
  // NIP-70: only its author may publish it, and this relay knows nobody.
  if (tags.some(([name]) => name === "-")) return "blocked: this relay does not take protected events";
  if (Math.abs(created_at - now / 1_000) > LIMITS.clockSkew) {
    return `invalid: created_at is more than ${LIMITS.clockSkew} seconds off the relay's clock`;
  }
  return undefined;
}
