/** libsecp256k1 as WebAssembly, in tiny-secp256k1: for machines that have no native one. */
import { type Crypto, guarded } from "./crypto.ts";

const EVEN = 2;

export const openWasm = async (): Promise<Crypto> => {
  const { pointMultiply, signSchnorr, verifySchnorr, xOnlyPointFromScalar } = await import("tiny-secp256k1");
  return guarded({
    name: "wasm",
    verify: (signature, hash, pubkey) => verifySchnorr(hash, pubkey, signature),
    sign: (hash, secret, aux) => signSchnorr(hash, secret, aux),
    publicKey: (secret) => xOnlyPointFromScalar(secret),
    sharedX: (secret, peer) => {
      const point = pointMultiply(Uint8Array.of(EVEN, ...peer), secret, true);
      if (!point) throw new Error("at infinity");
      try {
        return point.slice(1);
      } finally {
        point.fill(0);
      }
    },
  });
};
