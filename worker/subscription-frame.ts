/** A subscription as it is sent to a relay. */
import { NOSTR_CONNECT } from "../protocol/nostr.ts";
import type { Filter } from "./relay-answer.ts";

/** Seconds before now from which requests are asked for: what came while the signer was away is still answered. */
const LOOKBACK_SECONDS = 120;
/** Of the events that a relay keeps for keys which it listens for already, the youngest: none is missed in between. */
const OVERLAP = 100;

/** What is said to a relay about a subscription, by its id (NIP-01). */
export type SubscriptionFrame = ["REQ", string, ...(Filter & { limit?: number })[]] | ["CLOSE", string];

/** REQ for requests to these keys (hex); to `known` ones the relay listens already. Now: in milliseconds. */
export const subscriptionFrame = (
  id: string,
  known: string[],
  fresh: string[],
  now: number,
): SubscriptionFrame => {
  const since = Math.floor(now / 1000) - LOOKBACK_SECONDS;
  const kinds = [NOSTR_CONNECT];
  return [
    "REQ",
    id,
    ...(fresh.length > 0 ? [{ kinds, "#p": fresh, since }] : []),
    ...(known.length > 0 ? [{ kinds, "#p": known, since, limit: OVERLAP }] : []),
  ];
};
