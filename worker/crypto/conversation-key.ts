/** The key that two parties encrypt with, by the scheme. */
import { createHmac } from "node:crypto";
import { backend } from "./backend.ts";

export type Scheme = "nip04" | "nip44";

/**
 * @param peer a public key in hex
 * @returns 32 bytes, the caller's to overwrite
 * @throws {CryptoError} for a secret that is none, or a peer that is no point of the curve
 */
export const conversationKey = (scheme: Scheme, secret: Uint8Array, peer: string): Uint8Array => {
  const shared = backend().sharedX(secret, bytesOf(peer));
  if (scheme === "nip04") return shared;
  // HKDF's first half (RFC 5869, section 2.2) is an HMAC under the salt.
  const key = createHmac("sha256", "nip44-v2").update(shared).digest();
  shared.fill(0);
  return key;
};

/** Node's decoder takes what it can, and ends without a word where it cannot. */
const bytesOf = (hex: string): Uint8Array => (hex.length === 64 ? Buffer.from(hex, "hex") : new Uint8Array());
