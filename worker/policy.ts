/** Who may do what: one pure function from a request and the live grants of a key to allow or refuse. */
import * as v from "valibot";
import { NOSTR_CONNECT } from "../protocol/nostr.ts";
import type { Request } from "./nip46.ts";

/** `token`: only the client bound to a live token. `any`: every client, while the key has a live token. */
export type ConnectPolicy = "token" | "any";

/** What a live token allows. `client` is the hex public key bound to it; times are in milliseconds. */
export interface Grant {
  client: string | null;
  expiry: number;
  /** Null allows every method; else methods, or `method:parameter` as in NIP-46 (`sign_event:1`). */
  perms: ReadonlySet<string> | null;
  notBefore: number;
}

export type Verdict = { allowed: true } | { allowed: false; reason: string };

/** `ConnectTokens.jsonData`: what narrows a token. A document with anything else in it allows nothing. */
const GrantDocument = v.pipe(
  v.custom<object>((document) => typeof document === "object" && !Array.isArray(document)),
  v.strictObject({
    name: v.optional(v.pipe(v.string(), v.maxLength(200))),
    /** NIP-46's own format, for example `sign_event:1,nip44_encrypt`. */
    perms: v.optional(v.pipe(v.string(), v.regex(/^[a-z0-9_]+(:\d+)?(,[a-z0-9_]+(:\d+)?)*$/))),
    /** Milliseconds since 1970 before which the token is not yet valid. */
    notBefore: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  }),
);

/** Reads what narrows a token; null when the document does not validate, and the token so allows nothing. */
export const parseGrantDocument = (document: unknown): Pick<Grant, "perms" | "notBefore"> | null => {
  const parsed = v.safeParse(GrantDocument, document ?? {});
  if (!parsed.success) return null;
  const { perms, notBefore = 0 } = parsed.output;
  return { perms: perms === undefined ? null : new Set(perms.split(",")), notBefore };
};

const ALLOWED: Verdict = { allowed: true };
const refuse = (reason: string): Verdict => ({ allowed: false, reason });

/** These let a connected client learn nothing but its own connection, so no `perms` are asked for them. */
const ALWAYS = new Set(["connect", "ping", "get_public_key", "switch_relays", "logout"]);

/**
 * Decides whether `client` (hex) may have `request` done at `now` (milliseconds), given the grants of the key.
 * `connect` is not decided here: binding a client is one atomic statement in the database.
 */
export const decide = (
  request: Request,
  client: string,
  grants: readonly Grant[],
  policy: ConnectPolicy,
  now: number,
): Verdict => {
  const live = grants.filter((grant) => grant.expiry > now);
  if (live.length === 0) return refuse("no live token: ask for a new one");
  const own = policy === "any" ? live : live.filter((grant) => grant.client === client);
  if (own.length === 0) return refuse("not connected: connect with the secret of a live token first");
  const valid = own.filter((grant) => grant.notBefore <= now);
  if (valid.length === 0) return refuse("the token is not valid yet");
  if (request.method === "sign_event" && request.event.kind === NOSTR_CONNECT) {
    return refuse(`events of kind ${NOSTR_CONNECT} are the signer's own`);
  }
  return valid.some((grant) => covers(grant, request)) ? ALLOWED : refuse("the token does not allow this");
};

const covers = ({ perms }: Grant, request: Request): boolean =>
  perms === null ||
  ALWAYS.has(request.method) ||
  perms.has(request.method) ||
  (request.method === "sign_event" && perms.has(`sign_event:${request.event.kind}`));
