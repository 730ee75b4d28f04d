/** What a signer needs of secp256k1, and what every backend does alike: sizes, errors and randomness. */
import { randomBytes } from "node:crypto";

export const CRYPTO_NAMES = ["native", "wasm", "noble"] as const;
export type CryptoName = (typeof CRYPTO_NAMES)[number];

/**
 * Schnorr signatures (BIP-340) and ECDH over secp256k1. Synchronous, and nothing of what is passed in is kept. Public
 * keys are x coordinates. A secret is 32 bytes, big endian, neither zero nor above the order of the curve.
 */
export interface Crypto {
  readonly name: CryptoName;
  /** False also for what is no public key or has a wrong size. @param hash 32 bytes */
  verify(signature: Uint8Array, hash: Uint8Array, pubkey: Uint8Array): boolean;
  /**
   * @param aux BIP-340's auxiliary randomness, 32 bytes: fresh, but for test vectors
   * @returns 64 bytes
   * @throws {CryptoError} for a secret that is none, or a hash that is not 32 bytes
   */
  sign(hash: Uint8Array, secret: Uint8Array, aux?: Uint8Array): Uint8Array;
  /** @returns 32 bytes @throws {CryptoError} for a secret that is none */
  publicKey(secret: Uint8Array): Uint8Array;
  /**
   * The x coordinate that two parties share, not hashed (NIP-04, NIP-44). @returns 32 bytes, the caller's to overwrite
   *
   * @throws {CryptoError} for a secret that is none, or a peer that is no point of the curve
   */
  sharedX(secret: Uint8Array, peer: Uint8Array): Uint8Array;
}

/** What a library has to do: sizes are right when it is called, and whatever it throws means that it refuses. */
export interface Backend extends Crypto {
  sign(hash: Uint8Array, secret: Uint8Array, aux: Uint8Array): Uint8Array;
}

/** Why something cannot be computed. The message holds no part of what was given. */
export class CryptoError extends Error {
  override name = "CryptoError";
}

/** A library's calls, with the same answer from each to what cannot be computed. */
export const guarded = (backend: Backend): Crypto => ({
  name: backend.name,
  verify: (signature, hash, pubkey) => {
    if (signature.length !== 64 || hash.length !== 32 || pubkey.length !== 32) return false;
    try {
      return backend.verify(signature, hash, pubkey);
    } catch {
      return false;
    }
  },
  sign: (hash, secret, aux = randomBytes(32)) => {
    if (hash.length !== 32 || aux.length !== 32) throw new CryptoError("a hash has 32 bytes");
    return orRefuse(secret, NO_SECRET, () => backend.sign(hash, secret, aux));
  },
  publicKey: (secret) => orRefuse(secret, NO_SECRET, () => backend.publicKey(secret)),
  sharedX: (secret, peer) => {
    if (peer.length !== 32) throw new CryptoError(NO_PAIR);
    return orRefuse(secret, NO_PAIR, () => backend.sharedX(secret, peer));
  },
});

const NO_SECRET = "the secret is not a valid private key";
const NO_PAIR = "the peer is no public key, or the secret no private key";

/** What a library says itself may quote what it was given. */
const orRefuse = (secret: Uint8Array, message: string, compute: () => Uint8Array): Uint8Array => {
  if (secret.length !== 32) throw new CryptoError(message);
  try {
    return compute();
  } catch {
    throw new CryptoError(message);
  }
};
