/** JavaScript alone: slow, and there on every machine. */
import { schnorr, secp256k1 } from "@noble/curves/secp256k1";
import { guarded } from "./crypto.ts";

/** NIP-01 and BIP-340 mean the point of the two whose y is even. */
const EVEN = 2;

export const noble = guarded({
  name: "noble",
  verify: (signature, hash, pubkey) => schnorr.verify(signature, hash, pubkey),
  sign: (hash, secret, aux) => schnorr.sign(hash, secret, aux),
  publicKey: (secret) => schnorr.getPublicKey(secret),
  sharedX: (secret, peer) => {
    const point = secp256k1.getSharedSecret(secret, Uint8Array.of(EVEN, ...peer));
    try {
      return point.slice(1);
    } finally {
      point.fill(0);
    }
  },
});
