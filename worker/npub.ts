import { decode } from "nostr-tools/nip19";

/** The public key in hex (NIP-19), or null for what is no npub. */
export const hexOf = (npub: string | null): string | null => {
  if (npub === null) return null;
  try {
    const decoded = decode(npub);
    return decoded.type === "npub" ? decoded.data : null;
  } catch {
    return null;
  }
};
