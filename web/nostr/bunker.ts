/** Signing in with a `bunker://` URI, which a signer gives and a person pastes (NIP-46). */
import { type BunkerPointer, parseBunkerInput } from "nostr-tools/nip46";
import { generateSecretKey } from "nostr-tools/pure";
import type { Identity, Watch } from "./identity.ts";
import { SignInError, type SignInProblem } from "./problem.ts";
import { usableRelays } from "./relays.ts";
import { begin } from "./session.ts";

const MOST_LENGTH = 8_192;

/**
 * Reads a bunker URI. Asks nobody: an address like name@example.com, which nostr-tools would look up, is none.
 *
 * @throws {SignInError} `not-a-bunker-uri`
 */
export const readBunkerUri = async (text: string): Promise<BunkerPointer> => {
  const uri = text.trim();
  if (uri === "") throw no("empty");
  if (/^(nostr:)?(nsec|ncryptsec)1/i.test(uri)) throw no("private-key");
  if (/^nostrconnect:/i.test(uri)) throw no("nostrconnect");
  if (uri.length > MOST_LENGTH) throw no("too-long");
  const pointer = uri.startsWith("bunker://") ? await parseBunkerInput(uri) : null;
  if (!pointer) throw no("unreadable");
  const relays = usableRelays(pointer.relays);
  if (relays.length === 0) throw no("no-relay");
  return { ...pointer, relays };
};

type Why = Extract<SignInProblem, { is: "not-a-bunker-uri" }>["why"];
const no = (why: Why): SignInError => new SignInError({ is: "not-a-bunker-uri", why });

/** A signer ties the secret of a URI to the key that first came with it: whoever tries again has to come with the same. */
let last: { uri: string; key: Uint8Array } | undefined;

/** @throws {SignInError} */
export const signInWithBunker = async (text: string, watch: Watch): Promise<Identity> => {
  const { pubkey, relays, secret } = await readBunkerUri(text);
  const uri = text.trim();
  if (last?.uri !== uri) last = { uri, key: generateSecretKey() };
  return begin({ key: last.key, signer: pubkey, relays }, watch, secret ?? "");
};
