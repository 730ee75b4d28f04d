/** The remote signer of one key (NIP-46): what happens to a request once it has found its key. */
import { randomUUID } from "node:crypto";
import { NOSTR_CONNECT, type NostrEvent } from "../protocol/nostr.ts";
import type { Scheme } from "./crypto/conversation-key.ts";
import type { Access, Grant } from "./grant.ts";
import type { LocalKey } from "./keys.ts";
import { formatReply, isTraffic, type Outcome, parseRequest, type Request, schemeOf } from "./nip46.ts";
import { inStep, turn } from "./pace.ts";
import { type ConnectPolicy, decide, isUse, POLICIES } from "./policy.ts";
import { relayAddress } from "./relay-address.ts";
import type { BindRefusal } from "./store.ts";

/** What bunkers ask of those around them. Keys are named by their npubs, clients by their public keys in hex. */
export interface Surroundings {
  readonly policy: ConnectPolicy;
  /** The relays of the signer. */
  readonly relays: readonly string[];
  /** What `client` may do with a key, read after this was called. Rejects when the database does not answer. */
  access(npub: string, client: string): Promise<Access>;
  /** Binds `client` to a token of a key, or says why not. */
  bind(npub: string, client: string, request: ConnectRequest, event: NostrEvent): Promise<BindRefusal>;
  /** Ends the sessions of `client` with a key: it has to connect again. */
  end(npub: string, client: string, event: NostrEvent): Promise<void>;
  /** Counts a use that a grant limits; a reason when it is one too many. */
  spend(grant: Grant, event: NostrEvent): Promise<string | null>;
  /** Seconds after which `client` may ask again, and after which anyone may ask anything of the key; 0 is now. */
  wait(client: string): number;
  waitForKey(npub: string): number;
  /** The ids of requests of `client` to `pubkey` (hex) that another process may have answered; `decrypt` reads its replies. */
  answeredBefore(
    pubkey: string,
    client: string,
    decrypt: (reply: string) => string,
  ): Promise<ReadonlySet<string>> | undefined;
  /** Milliseconds since 1970. */
  now(): number;
}
export type ConnectRequest = Request & { method: "connect" };

/**
 * How a request ended: with a reply, or as `garbage` or a `duplicate` that gets none. `what` is for counting and for
 * the audit log; `known` tells whether the client had any token of the key, so that strangers cannot fill the log.
 */
export type Handled =
  | { kind: "answered" | "refused"; reply: NostrEvent; what: Deed }
  | { kind: "garbage" | "duplicate" };
export interface Deed {
  npub: string;
  /** Hex. */
  client: string;
  known: boolean;
  /** One of NIP-46, or `unknown`. */
  method: string;
  eventKind: number | null;
  eventId: string | null;
  /** `ok`, or the reason of the refusal. */
  outcome: string;
  /** The id of the event that asked. */
  request: string;
}

const TRY_AGAIN = "the signer cannot reach its database, try again in a moment";

/**
 * Handles one verified event of kind 24133 addressed to `key`, whose npub is `npub`. Never throws: what a stranger sends
 * is answered or dropped, and no message of an exception leaves the process.
 */
export const handleRequest = async (
  event: NostrEvent,
  npub: string,
  key: LocalKey,
  around: Surroundings,
): Promise<Handled> => {
  const client = event.pubkey;
  const scheme = schemeOf(event.content);
  await inStep();
  const text = decryptOrEmpty(key, client, event.content);
  await inStep();
  const parsed = parseRequest(text);
  if (!parsed) return { kind: "garbage" };
  const answered = around.answeredBefore(key.pubkey, client, (reply) => decryptOrEmpty(key, client, reply));
  if (answered && (await answered).has(parsed.id)) return { kind: "duplicate" };
  const { known, outcome } =
    "problem" in parsed
      ? { known: false, outcome: { error: parsed.problem } }
      : await answer(parsed.request, event, npub, key, around);
  const content = encryptReply(key, scheme, client, parsed.id, outcome);
  await inStep();
  const reply = signReply(key, client, content, around.now());
  const request = "request" in parsed ? parsed.request : null;
  return {
    kind: "error" in outcome ? "refused" : "answered",
    reply,
    what: {
      npub,
      client,
      known,
      method: request?.method ?? "unknown",
      eventKind: request?.method === "sign_event" ? request.event.kind : null,
      eventId: ("eventId" in outcome && outcome.eventId) || null,
      outcome: "error" in outcome ? outcome.error : "ok",
      request: event.id,
    },
  };
};

/** What a signer says first to a client that began the connection: its secret back (NIP-46, `nostrconnect://`). */
export const signGreeting = (key: LocalKey, client: string, secret: string, now: number): NostrEvent =>
  signReply(key, client, encryptReply(key, "nip44", client, randomUUID(), { result: secret }), now);

const signReply = (key: LocalKey, client: string, content: string, now: number): NostrEvent =>
  key.sign({
    kind: NOSTR_CONNECT,
    content,
    tags: [["p", client]],
    created_at: Math.floor(now / 1000),
  });

interface Answer {
  outcome: Outcome;
  known: boolean;
}

const answer = async (
  request: Request,
  event: NostrEvent,
  npub: string,
  key: LocalKey,
  around: Surroundings,
): Promise<Answer> => {
  const client = event.pubkey;
  const seconds = around.wait(client);
  if (seconds > 0) return refuse(tooMany(seconds), false);
  try {
    const refusal = request.method === "connect" ? await bind(request, event, npub, key, around) : null;
    if (refusal) return refuse(refusal, false);
    const { grants, stopped } = await around.access(npub, client);
    // Many are read in one go: what each asks for is computed in turns.
    await turn();
    const known = grants.some((grant) => grant.client === client);
    if (stopped) return refuse(`${stopped} is stopped by the operator of the signer`, known);
    const verdict = decide(request, client, grants, around.policy, around.now());
    if (!verdict.allowed) return refuse(verdict.reason, known);
    // Only now: strangers are not to use up what the key's own clients may ask for.
    const keySeconds = around.waitForKey(npub);
    if (keySeconds > 0) return refuse(tooMany(keySeconds), known);
    const spent = isUse(request) ? await around.spend(verdict.by, event) : null;
    if (spent) return refuse(spent, known);
    if (request.method === "logout") await around.end(npub, client, event);
    return { outcome: perform(request, key, around, verdict.by), known };
  } catch {
    // A read that fails, fails for hundreds at once.
    await turn();
    return refuse(TRY_AGAIN, false);
  }
};

const tooMany = (seconds: number) => `too many requests: try again in ${Math.ceil(seconds)} s`;
const refuse = (error: string, known: boolean): Answer => ({ outcome: { error }, known });

/** Takes the token that a `connect` presents. One without a token may be a client that is bound already. */
const bind = async (
  request: ConnectRequest,
  event: NostrEvent,
  npub: string,
  key: LocalKey,
  around: Surroundings,
): Promise<string | null> => {
  if (request.signer !== "" && request.signer !== key.pubkey) {
    return "this connection is for another signer: check the bunker URI";
  }
  if (request.secret === "") return null;
  const refusal = await around.bind(npub, event.pubkey, request, event);
  return refusal === null || around.policy === POLICIES.any ? null : BIND_REFUSALS[refusal];
};

const BIND_REFUSALS: Record<Exclude<BindRefusal, null>, string> = {
  unknown: "the secret is not that of a token of this key: ask for a new one",
  revoked: "the token was revoked: ask for a new one",
  expired: "the token has expired: ask for a new one",
  "not yet valid": "the token is not valid yet",
  "not valid": "the token does not allow anything: ask for a new one",
  taken: "another client uses it: every client needs a token of its own",
};

const encryptReply = (
  key: LocalKey,
  scheme: Scheme,
  client: string,
  id: string,
  outcome: Outcome,
): string => {
  try {
    return key.encrypt(scheme, client, formatReply(id, outcome));
  } catch {
    return key.encrypt(scheme, client, formatReply(id, { error: "the answer is too long to encrypt" }));
  }
};

const decryptOrEmpty = (key: LocalKey, client: string, content: string): string => {
  try {
    return key.decrypt(schemeOf(content), client, content);
  } catch {
    return "";
  }
};

/** NIP-46, `switch_relays`: where a client that brought relays of its own does better to listen, or `null`. */
const betterRelays = (own: readonly string[], brought: readonly string[]): string => {
  const addresses = (relays: readonly string[]) => [...new Set(relays.map(relayAddress))].sort().join(" ");
  return brought.length === 0 || addresses(own) === addresses(brought) ? "null" : JSON.stringify(own);
};

/** Does what has been allowed. The reasons say which input was wrong, not what the library said of it. */
const perform = (request: Request, key: LocalKey, around: Surroundings, by: Grant): Outcome => {
  switch (request.method) {
    case "connect":
      return { result: "ack" };
    case "ping":
      return { result: "pong" };
    case "get_public_key":
      return { result: key.pubkey };
    case "switch_relays":
      return { result: betterRelays(around.relays, by.relays) };
    case "logout":
      return { result: "ack" };
    case "sign_event": {
      const { kind, content, tags, created_at = Math.floor(around.now() / 1000), pubkey } = request.event;
      if (pubkey !== undefined && pubkey !== key.pubkey) return { error: "the event names another author" };
      const signed = key.sign({ kind, content, tags, created_at });
      return { result: JSON.stringify(signed), eventId: signed.id };
    }
    case "nip04_encrypt":
    case "nip44_encrypt":
      try {
        return { result: key.encrypt(schemeIn(request.method), request.peer, request.text) };
      } catch {
        return { error: "cannot encrypt: the text is empty or too long, or the public key is not valid" };
      }
    case "nip04_decrypt":
    case "nip44_decrypt":
      try {
        const result = key.decrypt(schemeIn(request.method), request.peer, request.text);
        return isTraffic(result) ? { error: "this is what another client and the signer said" } : { result };
      } catch {
        return { error: "cannot decrypt: the text is damaged, or not for this key and that public key" };
      }
  }
};

const schemeIn = (method: `${"nip04" | "nip44"}_${"encrypt" | "decrypt"}`) =>
  method.startsWith("nip04") ? "nip04" : "nip44";
