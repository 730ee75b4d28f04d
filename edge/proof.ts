/** Whether an event proves that somebody who holds a key is speaking on this very connection (NIP-42). */
import { verifyEvent } from "nostr-tools/pure";
import { CLIENT_AUTH, type NostrEvent } from "../protocol/nostr.ts";

/** Seconds between the event's clock and ours. */
const MAX_AGE = 60;

/** `host` and `port` as the client wrote them, and what the welcome said. */
export type Question = { host: string; challenge: string };

/** Why it is no proof; undefined if it is one. `now` in milliseconds. */
export function flawOf(event: NostrEvent, { host, challenge }: Question, now: number): string | undefined {
  if (event.kind !== CLIENT_AUTH) return `an event of kind ${CLIENT_AUTH} is asked for`;
  if (Math.abs(event.created_at - now / 1_000) > MAX_AGE)
    return `created_at is more than ${MAX_AGE} seconds off`;
  if (only("challenge", event) !== challenge) return "it names another challenge";
  if (hostOf(only("relay", event)) !== host) return "it names another host";
  // Verified from scratch: an event that somebody has marked as verified proves nothing.
  const { id, pubkey, created_at, kind, tags, content, sig } = event;
  const isGenuine = verifyEvent({ id, pubkey, created_at, kind, tags, content, sig });
  return isGenuine ? undefined : "the signature is not right";
}

/** The value of a tag that stands there exactly once. */
function only(name: string, { tags }: NostrEvent): string | undefined {
  const [first, ...more] = tags.filter(([key]) => key === name);
  return more.length === 0 ? first?.[1] : undefined;
}

const hostOf = (url = ""): string | undefined => (URL.canParse(url) ? new URL(url).host : undefined);
