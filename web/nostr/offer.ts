/** Signing in with a `nostrconnect://` URI, which the page shows and a signer scans or opens (NIP-46). */
import { BunkerSigner, createNostrConnectURI } from "nostr-tools/nip46";
import { generateSecretKey, getPublicKey } from "nostr-tools/pure";
import { bytesToHex } from "nostr-tools/utils";
import type { Identity, Watch } from "./identity.ts";
import { SignInError } from "./problem.ts";
import { hostOf, usableRelays } from "./relays.ts";
import { aboutPage, begin, PERMS } from "./session.ts";
import { SignerRelays } from "./signer-relays.ts";

export interface Offer {
  uri: string;
  /** Once a signer has answered; rejects with a SignInError, `cancelled` too. */
  connected: Promise<Identity>;
  cancel(): void;
}

/**
 * Listens on `relays` for the signer that shows, by the secret in the URI, that it was the one asked. There is no end to
 * the waiting but `cancel`.
 */
export const offerConnection = (relays: readonly string[], watch: Watch): Offer => {
  const key = generateSecretKey();
  const usable = usableRelays(relays);
  const uri = createNostrConnectURI({
    clientPubkey: getPublicKey(key),
    relays: usable,
    secret: bytesToHex(crypto.getRandomValues(new Uint8Array(16))),
    perms: [PERMS],
    ...aboutPage(),
  });
  const pool = new SignerRelays();
  const cancelled = new AbortController();
  const connected = greeted(key, { uri, relays: usable }, pool, cancelled.signal)
    .catch((error) => {
      throw error instanceof SignInError
        ? error
        : new SignInError({ is: "relay-unreachable", relays: usable.map(hostOf) });
    })
    .finally(() => pool.destroy())
    .then((signer) => begin({ key, signer, relays: usable }, watch));
  return { uri, connected, cancel: () => cancelled.abort(new SignInError({ is: "cancelled" })) };
};

/**
 * The public key of the signer that said the secret. nostr-tools drops whatever else is said; what it makes of the signer
 * is not used further, as it hears each answer twice while a relay is slow to let go of the greeting.
 */
const greeted = async (
  key: Uint8Array,
  { uri, relays }: { uri: string; relays: string[] },
  pool: SignerRelays,
  cancelled: AbortSignal,
): Promise<string> => {
  if (relays.length === 0) throw new Error("there is no relay to listen on");
  const gone = new Promise<never>((_, reject) => {
    cancelled.addEventListener("abort", () => reject(cancelled.reason), { once: true });
  });
  const options = { pool, skipSwitchRelays: true };
  const signer = await Promise.race([BunkerSigner.fromURI(key, uri, options, cancelled), gone]);
  await signer.close();
  return signer.bp.pubkey;
};
