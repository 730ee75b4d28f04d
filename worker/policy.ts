/**
 * Who may do what: one pure function from a request and the grants of a key to allow or refuse. This is the
 * place to extend: another way to choose whose grants count is another `ConnectPolicy`.
 */
import { NOSTR_CONNECT } from "../protocol/nostr.ts";
import type { Grant, Perms } from "./grant.ts";
import type { Request } from "./nip46.ts";

/** Chooses which of a key's grants count for a client (hex). */
export type ConnectPolicy = (client: string, grants: readonly Grant[]) => readonly Grant[];

export const POLICIES = {
  /** Only the tokens that are bound to this client. */
  token: (client, grants) => grants.filter((grant) => grant.client === client),
  /** Every token of the key, for every client: what the earlier server did. */
  any: (_client, grants) => grants,
} satisfies Record<string, ConnectPolicy>;

/** `by` is the grant that allows it, for those of its limits that only counting can hold. */
export type Verdict = { allowed: true; by: Grant } | { allowed: false; reason: string };

/**
 * Decides whether `client` (hex) may have `request` done at `now` (milliseconds), given the grants of the key.
 * Of several refusals the one that came closest is told.
 */
export const decide = (
  request: Request,
  client: string,
  grants: readonly Grant[],
  policy: ConnectPolicy,
  now: number,
): Verdict => {
  if (request.method === "sign_event" && request.event.kind === NOSTR_CONNECT) {
    return { allowed: false, reason: `events of kind ${NOSTR_CONNECT} are the signer's own` };
  }
  let closest: Refusal = "not connected";
  for (const grant of policy(client, grants)) {
    const refusal = judge(request, grant, now);
    if (refusal === null) return { allowed: true, by: grant };
    if (REFUSALS.indexOf(refusal) > REFUSALS.indexOf(closest)) closest = refusal;
  }
  return { allowed: false, reason: EXPLANATIONS[closest] };
};

/** Refusals, from the farthest to the closest to being allowed. */
const REFUSALS = [
  "not connected",
  "revoked",
  "expired",
  "not yet valid",
  "used up",
  "not asked",
  "not allowed",
] as const;
type Refusal = (typeof REFUSALS)[number];

const EXPLANATIONS: Record<Refusal, string> = {
  "not connected": "not connected: connect with the secret of a live token first",
  revoked: "the token was revoked: ask for a new one",
  expired: "the token has expired: ask for a new one",
  "not yet valid": "the token is not valid yet",
  "used up": "the uses of the token are used up: ask for a new one",
  "not asked": "the client did not ask for this when it connected: connect again",
  "not allowed": "the token does not allow this",
};

const judge = (request: Request, grant: Grant, now: number): Refusal | null => {
  if (grant.revoked) return "revoked";
  if (grant.expiry <= now) return "expired";
  if (grant.notBefore > now) return "not yet valid";
  if (!isUse(request)) return null;
  if (!covers(grant.perms, request)) return "not allowed";
  if (!covers(grant.asked, request)) return "not asked";
  if (grant.uses && grant.uses.spent >= grant.uses.limit) return "used up";
  return null;
};

/** These tell a connected client nothing but its own connection: no `perms` are asked for them, and none count. */
const FREE = new Set<Request["method"]>(["connect", "ping", "get_public_key", "switch_relays", "logout"]);

/** Whether a request is a use of the key, as perms and counts mean it. */
export const isUse = ({ method }: Request): boolean => !FREE.has(method);

const covers = (perms: Perms | null, request: Request): boolean =>
  perms === null ||
  perms.has(request.method) ||
  (request.method === "sign_event" && perms.has(`sign_event:${request.event.kind}`));
