/** Public keys as people write them (NIP-19), and as the wire has them: hex. Each is converted once while it is in use. */
import { LRUCache } from "lru-cache";
import { decode, npubEncode } from "nostr-tools/nip19";

const REMEMBERED = 20_000;
const encoded = new LRUCache<string, string>({ max: REMEMBERED });
const decoded = new LRUCache<string, string>({ max: REMEMBERED });

/** The npub of a public key in hex. @throws when it is none */
export const npubOf = (pubkey: string): string => {
  const known = encoded.get(pubkey);
  if (known !== undefined) return known;
  const npub = npubEncode(pubkey);
  encoded.set(pubkey, npub);
  return npub;
};

/** The public key in hex, or null for what is no npub. */
export const hexOf = (npub: string | null): string | null => {
  if (npub === null) return null;
  const known = decoded.get(npub);
  if (known) return known;
  try {
    const { type, data } = decode(npub);
    if (type !== "npub") return null;
    decoded.set(npub, data);
    return data;
  } catch {
    return null;
  }
};
