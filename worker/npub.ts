/** Public keys as people write them, and as the wire has them: hex. Each is converted once while it is in use. */
import { LRUCache } from "lru-cache";
import { decodeKey, encodeKey } from "./nip19.ts";

const REMEMBERED = 20_000;
const encoded = new LRUCache<string, string>({ max: REMEMBERED });
const decoded = new LRUCache<string, string>({ max: REMEMBERED });

/** The npub of a public key in hex. @throws when it is none */
export const npubOf = (pubkey: string): string => {
  const known = encoded.get(pubkey);
  if (known !== undefined) return known;
  const bytes = Buffer.from(pubkey, "hex");
  if (pubkey.length !== 64 || bytes.length !== 32) throw new TypeError("a public key has 64 hex digits");
  const npub = encodeKey("npub", bytes);
  encoded.set(pubkey, npub);
  return npub;
};

/** The public key in hex, or null for what is no npub. */
export const hexOf = (npub: string | null): string | null => {
  if (npub === null) return null;
  const known = decoded.get(npub);
  if (known) return known;
  const bytes = decodeKey("npub", npub);
  if (!bytes) return null;
  const pubkey = Buffer.from(bytes).toString("hex");
  decoded.set(npub, pubkey);
  return pubkey;
};
