/** What the relay answers over plain HTTP: who it is and what it takes (NIP-11). */
import { NOSTR_CONNECT } from "../../protocol/nostr.ts";
import { failure, json, noContent } from "../answers.ts";
import { LIMITS } from "./limits.ts";

const INFORMATION = {
  name: "Satoshigle relay",
  description:
    "Passes ephemeral events (kinds 20000 to 29999) to whoever listens, so that signing in with a remote signer " +
    `depends on nobody else's server. Keeps kind ${NOSTR_CONNECT} for ${LIMITS.kept.time} seconds, and nothing else.`,
  supported_nips: [1, 11],
  limitation: {
    max_message_length: LIMITS.messageLength,
    max_subscriptions: LIMITS.subscriptionsPerConnection,
    max_filters: LIMITS.filtersPerRequest,
    max_limit: LIMITS.replay.events,
    max_subid_length: LIMITS.subscriptionIdLength,
    auth_required: false,
    payment_required: false,
    restricted_writes: true,
    created_at_lower_limit: LIMITS.clockSkew,
    created_at_upper_limit: LIMITS.clockSkew,
  },
  retention: [{ kinds: [NOSTR_CONNECT], time: LIMITS.kept.time }, { time: 0 }],
};

/** NIP-11 asks for these, so that a page of any origin may read the document. */
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "*",
  "access-control-allow-methods": "GET, HEAD, OPTIONS",
};

export function answerHttp(request: Request): Response {
  if (request.method === "OPTIONS") return noContent(CORS);
  if (request.headers.get("accept")?.includes("application/nostr+json")) {
    return json(200, INFORMATION, { ...CORS, "content-type": "application/nostr+json" });
  }
  return failure(426, "this is a Nostr relay: connect to it by WebSocket", { ...CORS, upgrade: "websocket" });
}
