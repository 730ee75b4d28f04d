/** The remote signer of one key (NIP-46): what happens to a request once it has found its key. */
import { NOSTR_CONNECT, type NostrEvent } from "../protocol/nostr.ts";
import type { LocalKey } from "./keys.ts";
import { formatReply, type Outcome, parseRequest, type Request, schemeOf } from "./nip46.ts";
import { type ConnectPolicy, decide, type Grant } from "./policy.ts";

/** What a bunker asks of the database, through whoever holds it. Public keys are hex. */
export interface Grants {
  /** The live grants of the key as they are in the database now. */
  current(pubkey: string): Promise<readonly Grant[]>;
  /** Binds `client` to the live token `secret` of the key, if it is free or already the client's. */
  bind(pubkey: string, client: string, secret: string): Promise<boolean>;
  /** Ends the sessions of `client` with the key: it has to connect again. */
  end(pubkey: string, client: string): Promise<void>;
}

/** How a request ended, for counting: answered, refused, or `garbage` that gets no answer at all. */
export type Handled = { kind: "answered" | "refused"; reply: NostrEvent } | { kind: "garbage" };

const TRY_AGAIN = "the signer cannot reach its database, try again in a moment";

/**
 * Handles one verified event of kind 24133 addressed to `key`. Never throws: what a stranger sends is
 * answered or dropped, and no message of an exception leaves the process.
 */
export const handleRequest = async (
  event: NostrEvent,
  key: LocalKey,
  grants: Grants,
  policy: ConnectPolicy,
  now: () => number,
): Promise<Handled> => {
  const scheme = schemeOf(event.content);
  const parsed = parseRequest(decryptOrEmpty(key, scheme, event));
  if (!parsed) return { kind: "garbage" };
  const outcome: Outcome =
    "problem" in parsed ? { error: parsed.problem } : await answer(parsed.request, event.pubkey);
  return {
    kind: "error" in outcome ? "refused" : "answered",
    reply: key.sign({
      kind: NOSTR_CONNECT,
      content: encryptReply(parsed.id, outcome),
      tags: [["p", event.pubkey]],
      created_at: Math.floor(now() / 1000),
    }),
  };

  function encryptReply(id: string, outcome: Outcome): string {
    try {
      return key.encrypt(scheme, event.pubkey, formatReply(id, outcome));
    } catch {
      return key.encrypt(
        scheme,
        event.pubkey,
        formatReply(id, { error: "the answer is too long to encrypt" }),
      );
    }
  }

  async function answer(request: Request, client: string): Promise<Outcome> {
    try {
      if (request.method === "connect") return await connect(request, client);
      const verdict = decide(request, client, await grants.current(key.pubkey), policy, now());
      if (!verdict.allowed) return { error: verdict.reason };
      if (request.method === "logout") await grants.end(key.pubkey, client);
    } catch {
      return { error: TRY_AGAIN };
    }
    return perform(request, key, now());
  }

  async function connect(request: Request & { method: "connect" }, client: string): Promise<Outcome> {
    if (request.signer !== "" && request.signer !== key.pubkey) {
      return { error: "this connection is for another signer: check the bunker URI" };
    }
    if (request.secret !== "" && (await grants.bind(key.pubkey, client, request.secret))) {
      return { result: "ack" };
    }
    const verdict = decide(request, client, await grants.current(key.pubkey), policy, now());
    if (request.secret === "" || policy === "any") {
      return verdict.allowed ? { result: "ack" } : { error: verdict.reason };
    }
    return { error: "the secret is not that of a live token, or another client uses it: ask for a new one" };
  }
};

const decryptOrEmpty = (key: LocalKey, scheme: "nip04" | "nip44", event: NostrEvent): string => {
  try {
    return key.decrypt(scheme, event.pubkey, event.content);
  } catch {
    return "";
  }
};

/** Does what has been allowed. The reasons say which input was wrong, not what the library said of it. */
const perform = (request: Exclude<Request, { method: "connect" }>, key: LocalKey, now: number): Outcome => {
  switch (request.method) {
    case "ping":
      return { result: "pong" };
    case "get_public_key":
      return { result: key.pubkey };
    case "switch_relays":
      return { result: "null" };
    case "logout":
      return { result: "ack" };
    case "sign_event": {
      const { kind, content, tags, created_at = Math.floor(now / 1000), pubkey } = request.event;
      if (pubkey !== undefined && pubkey !== key.pubkey) return { error: "the event names another author" };
      return { result: JSON.stringify(key.sign({ kind, content, tags, created_at })) };
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
        return { result: key.decrypt(schemeIn(request.method), request.peer, request.text) };
      } catch {
        return { error: "cannot decrypt: the text is damaged, or not for this key and that public key" };
      }
  }
};

const schemeIn = (method: `${"nip04" | "nip44"}_${"encrypt" | "decrypt"}`) =>
  method.startsWith("nip04") ? "nip04" : "nip44";
