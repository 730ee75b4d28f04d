/** Signing in with a `bunker://` URI, which a signer gives and a person pastes (NIP-46). */
import { sha256 } from "@noble/hashes/sha2.js";
import { type BunkerPointer, parseBunkerInput } from "nostr-tools/nip46";
import { generateSecretKey } from "nostr-tools/pure";
import { bytesToHex } from "nostr-tools/utils";
import type { Identity, Watch } from "./identity.ts";
import { kept } from "./keep.ts";
import { SignInError, type SignInProblem } from "./problem.ts";
import { usableRelays } from "./relays.ts";
import { begin } from "./session.ts";
import { hexOfNpub } from "./signed.ts";

const MOST_LENGTH = 8_192;
const URI = /^bunker:\/\/(?<signer>[^/?]*)\/?(?<query>.*)$/i;

/**
 * Reads a bunker URI, in any case, also of a signer named by its npub, and broken over lines. Asks nobody: an address like
 * name@example.com, which nostr-tools would look up, is none.
 *
 * @throws {SignInError} `not-a-bunker-uri`
 */
export const readBunkerUri = async (text: string): Promise<BunkerPointer> => {
  if (text.length > 2 * MOST_LENGTH) throw no("too-long");
  const uri = text.replace(/[\s\p{Cf}]+/gu, "");
  if (uri === "") throw no("empty");
  if (/(^|[^a-z0-9])n(sec|cryptsec)1/i.test(uri)) throw no("private-key");
  if (/^(0x)?[0-9a-f]{64}$/i.test(uri) || isSeed(text)) throw no("perhaps-private-key");
  if (/^nostrconnect:/i.test(uri)) throw no("nostrconnect");
  if (uri.length > MOST_LENGTH) throw no("too-long");
  const { signer = "", query = "" } = URI.exec(uri)?.groups ?? {};
  const pubkey = hexOfNpub(signer.toLowerCase()) ?? signer.toLowerCase();
  const pointer = pubkey === "" ? null : await parseBunkerInput(`bunker://${pubkey}${query}`);
  if (!pointer) throw no("unreadable");
  const relays = usableRelays(pointer.relays);
  if (relays.length === 0) throw no("no-relay");
  return { ...pointer, relays };
};

/** As many words as a wallet writes a key down with (BIP-39), perhaps numbered; in some languages a word is one letter. */
const isSeed = (text: string): boolean => {
  const words = text.split(/[\s\d.,;:()]+/u).filter(Boolean);
  return (
    [12, 15, 18, 21, 24].includes(words.length) && words.every((word) => /^[\p{L}\p{M}]{1,12}$/u.test(word))
  );
};

type Why = Extract<SignInProblem, { is: "not-a-bunker-uri" }>["why"];
const no = (why: Why): SignInError => new SignInError({ is: "not-a-bunker-uri", why });

/** A signer ties the secret of a URI to the key that first came with it: whoever tries again has to come with the same. */
let last: { link: string; key: Uint8Array } | undefined;

/** @throws {SignInError} */
export const signInWithBunker = async (text: string, watch: Watch): Promise<Identity> => {
  const pointer = await readBunkerUri(text);
  const link = linkOf(pointer);
  if (last?.link !== link) last = { link, key: generateSecretKey() };
  const { pubkey, relays, secret } = pointer;
  return begin({ key: last.key, signer: pubkey, relays }, watch, { secret: secret ?? "", link });
};

/** Whether the session that is kept began with this very URI. */
export const isKeptLink = async (text: string): Promise<boolean> => {
  const session = kept();
  if (session?.by !== "signer") return false;
  const pointer = await readBunkerUri(text).catch(() => undefined);
  return pointer !== undefined && session.link === linkOf(pointer);
};

/** What tells one URI from another, without giving away its secret. */
const linkOf = ({ pubkey, secret }: BunkerPointer): string =>
  bytesToHex(sha256(new TextEncoder().encode(`${pubkey} ${secret ?? ""}`)));
