/** NIP-46 as it is spoken: requests parsed from decrypted text, replies formatted, URIs. No keys, no sockets. */
import * as v from "valibot";
import { Hex64, UnsignedEvent } from "../protocol/nostr.ts";
import type { Scheme } from "./crypto/conversation-key.ts";
import { parsePerms } from "./grant.ts";

/** Characters of an encrypted request that are looked at: the most plaintext that NIP-44 allows, and some more. */
export const MAX_CONTENT_LENGTH = 131_072;

const Id = v.pipe(v.string(), v.minLength(1), v.maxLength(256));
const Envelope = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    id: Id,
    method: v.pipe(v.string(), v.maxLength(64)),
    /** Each method looks at its own; several clients leave `null`s where they have nothing to say. */
    params: v.optional(v.unknown()),
  }),
);

/** What a client says of itself, in the fourth parameter of `connect` or in a `nostrconnect://` URI. */
const Saying = v.pipe(v.string(), v.maxLength(2_048));
export const ClientInfo = v.object({
  name: v.optional(Saying),
  url: v.optional(Saying),
  image: v.optional(Saying),
});
export type ClientInfo = v.InferOutput<typeof ClientInfo>;

const Optional = v.optional(v.nullish(v.string(), ""), "");
const Connect = v.looseTuple([v.union([v.literal(""), Hex64]), Optional, Optional, Optional]);
const ToSign = v.tuple([v.pipe(v.string(), v.parseJson(), UnsignedEvent)]);
const PeerAndText = v.tuple([Hex64, v.string()]);

/** One problem is enough: to list each of a hundred thousand wrong tags takes a tenth of a second. */
const FIRST_PROBLEM = { abortEarly: true } as const;

/** What a client may ask, parsed. `peer` is the third party's public key in hex, not the client's. */
export type Request =
  | { method: "connect"; signer: string; secret: string; asked: string | null; info: ClientInfo | null }
  | { method: "sign_event"; event: UnsignedEvent }
  | {
      method: "nip04_encrypt" | "nip04_decrypt" | "nip44_encrypt" | "nip44_decrypt";
      peer: string;
      text: string;
    }
  | { method: "get_public_key" | "ping" | "switch_relays" | "logout" };

/** A request that a client can be answered; `problem` is what to tell it when it cannot be done at all. */
export type Parsed = { id: string } & ({ request: Request } | { problem: string });

/**
 * Parses a decrypted request. Null when it has no usable id, and so nothing that could be answered:
 * garbage, or a reply meant for a client.
 */
export const parseRequest = (plaintext: string): Parsed | null => {
  const envelope = v.safeParse(Envelope, plaintext, FIRST_PROBLEM);
  if (!envelope.success) return null;
  const { id, method, params } = envelope.output;
  const wrong = (expected: string): Parsed => ({ id, problem: `${method} expects ${expected}` });
  switch (method) {
    case "connect": {
      const parsed = v.safeParse(Connect, params, FIRST_PROBLEM);
      if (!parsed.success)
        return wrong("the signer's public key (or an empty string) and the secret of the token");
      const [signer, secret, asked, info] = parsed.output;
      return {
        id,
        request: { method, signer, secret, asked: parsePerms(asked) && asked, info: parseClientInfo(info) },
      };
    }
    case "sign_event": {
      const parsed = v.safeParse(ToSign, params, FIRST_PROBLEM);
      if (!parsed.success) return wrong("one event as JSON, with kind, content, tags and created_at");
      return { id, request: { method, event: parsed.output[0] } };
    }
    case "nip04_encrypt":
    case "nip04_decrypt":
    case "nip44_encrypt":
    case "nip44_decrypt": {
      const parsed = v.safeParse(PeerAndText, params, FIRST_PROBLEM);
      if (!parsed.success) return wrong("a public key as 64 hex digits, and a text");
      const [peer, text] = parsed.output;
      return { id, request: { method, peer, text } };
    }
    case "get_public_key":
    case "ping":
    case "switch_relays":
    case "logout":
      return { id, request: { method } };
    default:
      return { id, problem: "this signer does not know the method" };
  }
};

/** What a client says of itself; what cannot be read is as good as not said, for it authorizes nothing. */
const parseClientInfo = (text: string): ClientInfo | null => {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), ClientInfo), text, FIRST_PROBLEM);
  return parsed.success ? parsed.output : null;
};

const Traffic = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({ id: v.string() }),
  v.check((message) => "method" in message || "result" in message || "error" in message),
);

/**
 * Whether a text is itself a request or a reply of this protocol. A client has no business with those of
 * others, which are encrypted with the same key as the messages that it may decrypt.
 */
export const isTraffic = (text: string): boolean =>
  text.trimStart().startsWith("{") && v.safeParse(Traffic, text, FIRST_PROBLEM).success;

/** The outcome of a request: a result, which is always a string, or a reason that a person can act on. */
export type Outcome = { result: string; eventId?: string } | { error: string };

/** The plaintext of a reply. `result` is a string on errors too: several clients parse nothing else. */
export const formatReply = (id: string, outcome: Outcome): string =>
  JSON.stringify(
    "error" in outcome ? { id, result: "", error: outcome.error } : { id, result: outcome.result },
  );

const Reply = v.pipe(v.string(), v.parseJson(), v.object({ id: v.string(), result: v.string() }));

/** The id of the request that a decrypted text replies to; null when it is no reply. */
export const repliesTo = (plaintext: string): string | null => {
  const parsed = v.safeParse(Reply, plaintext, FIRST_PROBLEM);
  return parsed.success ? parsed.output.id : null;
};

/** Which encryption a request came in: NIP-04 marks its initialisation vector, NIP-44 has none. */
export const schemeOf = (content: string): Scheme => (content.includes("?iv=") ? "nip04" : "nip44");

/**
 * `bunker://<pubkey>?relay=<relay>…`: where a signer is to be found, and with `secret` also the right to
 * connect to it. What has a secret is for the person who asked for it, never for a log.
 */
export const bunkerUri = (pubkey: string, relays: string[], secret?: string): string => {
  const query = relays.map((relay) => `relay=${encodeURIComponent(relay)}`);
  if (secret) query.push(`secret=${encodeURIComponent(secret)}`);
  return `bunker://${pubkey}?${query.join("&")}`;
};
