/** `nostrconnect://`: how a client asks a signer to get in touch with it (NIP-46). */
import * as v from "valibot";
import { Hex64 } from "../protocol/nostr.ts";
import { parsePerms } from "./grant.ts";
import { ClientInfo } from "./nip46.ts";
import { relayAddress } from "./relay-address.ts";

/** What a client asks for. `client` is its public key in hex; `perms` are in NIP-46's format. */
export interface ConnectionOffer {
  client: string;
  /** Where the client listens: ws:// or wss://, each once. */
  relays: string[];
  /** What the signer is to greet the client with, to show that it is the one that was asked. */
  secret: string;
  perms: string | null;
  info: ClientInfo;
}

const MOST_LENGTH = 8_192;
const MOST_RELAYS = 8;
const MOST_SECRET = 256;
/** What the drafts before named `name`, `url` and `image`. */
const Metadata = v.object({
  name: v.optional(v.string()),
  url: v.optional(v.string()),
  icons: v.optional(v.array(v.string())),
});

/** What is wrong with a `nostrconnect://` URI, to be shown to who pasted it; it names no secret. */
export class OfferError extends Error {
  override name = "OfferError";
}

/**
 * Reads `nostrconnect://<client's public key>?relay=…&secret=…[&perms=…][&name=…][&url=…][&image=…]`, or with
 * `metadata=<JSON>` in place of the last three. Parameters that are empty count as absent, others are passed over.
 *
 * @throws {OfferError}
 */
export const parseOffer = (text: string): ConnectionOffer => {
  const uri = text.trim();
  if (uri.length > MOST_LENGTH) throw new OfferError(`the URI is longer than ${MOST_LENGTH} characters`);
  const [, client = "", query = ""] = /^nostrconnect:\/\/([^/?#]*)\/?\?([^#]*)$/i.exec(uri) ?? [];
  if (query === "") {
    throw new OfferError("a nostrconnect URI is expected: nostrconnect://<public key>?relay=…&secret=…");
  }
  if (!v.is(Hex64, client)) {
    throw new OfferError(
      "the client's public key must be 64 lower-case hex digits, right after nostrconnect://",
    );
  }
  const parameters = new URLSearchParams(query);
  return {
    client,
    relays: readRelays(parameters),
    secret: readSecret(parameters),
    perms: readPerms(parameters),
    info: readInfo(parameters),
  };
};

const readRelays = (parameters: URLSearchParams): string[] => {
  const relays = new Map<string, string>();
  for (const relay of parameters.getAll("relay").filter(Boolean)) {
    const address = relayAddress(relay);
    if (address === null)
      throw new OfferError(
        `a relay must be a wss:// or ws:// URL without user and password: ${relay.slice(0, 100)}`,
      );
    relays.set(address, relay);
  }
  if (relays.size === 0) throw new OfferError("the URI names no relay (relay=wss://…)");
  if (relays.size > MOST_RELAYS) throw new OfferError(`the URI names more than ${MOST_RELAYS} relays`);
  return [...relays.values()];
};

const readSecret = (parameters: URLSearchParams): string => {
  // Clients of the drafts before have none, and wait for the word that answers a `connect`. They take the
  // first signer that says it: a risk of theirs, not of the key.
  const secret = the("secret", parameters) ?? "ack";
  if (secret.length > MOST_SECRET)
    throw new OfferError(`the secret is longer than ${MOST_SECRET} characters`);
  return secret;
};

const readPerms = (parameters: URLSearchParams): string | null => {
  const perms = the("perms", parameters);
  if (perms !== null && parsePerms(perms) === null) {
    throw new OfferError("perms must be like sign_event:1,nip44_encrypt");
  }
  return perms;
};

const readInfo = (parameters: URLSearchParams): ClientInfo => {
  const said = readMetadata(the("metadata", parameters));
  const info = {
    name: the("name", parameters) ?? said.name,
    url: the("url", parameters) ?? said.url,
    image: the("image", parameters) ?? said.icons?.[0],
  };
  const parsed = v.safeParse(ClientInfo, Object.fromEntries(Object.entries(info).filter(([, text]) => text)));
  if (!parsed.success) throw new OfferError("what the client says of itself is too long");
  return parsed.output;
};

const readMetadata = (text: string | null): v.InferOutput<typeof Metadata> => {
  if (text === null) return {};
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Metadata), text);
  if (!parsed.success) throw new OfferError("metadata must be JSON with name, url and icons");
  return parsed.output;
};

/** A parameter that may stand there once. */
const the = (name: string, parameters: URLSearchParams): string | null => {
  const [first, second] = parameters.getAll(name);
  if (second !== undefined) throw new OfferError(`the URI names ${name} more than once`);
  return first || null;
};
