/** What a backend has to get right before it is used: known values first, then a signature of its own. */
import { randomBytes } from "node:crypto";
import type { Crypto } from "./crypto.ts";

/** Rows 1, 4, 5, 7 and 12 of BIP-340's test vectors. */
const SIGNED = {
  secret: "b7e151628aed2a6abf7158809cf4f3c762e7160f38b4da56a784d9045190cfef",
  pubkey: "dff1d77f2a671c5f36183726db2341be58feae1da2deced843240f7b502ba659",
  aux: "0000000000000000000000000000000000000000000000000000000000000001",
  hash: "243f6a8885a308d313198a2e03707344a4093822299f31d0082efa98ec4e6c89",
  signature:
    "6896bd60eeae296db48a229ff71dfe071bde413e6d43f917dc8dcf8c78de33418906d11ac976abccb20b091292bff4ea897efcb639ea871cfa95f6de339e4b0a",
};
const VERIFIED = {
  pubkey: "d69c3509bb99e412e68b0fe8544e72837dfa30746d8be2aa65975f29d22dc7b9",
  hash: "4df3c3f68fcc83b27e9d42c90431a72499f17875c81a599b566c9889b9696703",
  signature:
    "00000000000000000000003b78ce563f89a0ed9414f5aa28ad0d96d6795f9c6376afb1548af603b3eb45c9f8207dee1060cb71c04e80f593060b07d28308d7f4",
};
const REFUSED = [
  {
    pubkey: "eefdea4cdb677750a420fee807eacf21eb9898ae79b9768766e4faa04a2d4a34",
    signature:
      "6cff5c3ba86c69ea4b7376f31a9bcb4f74c1976089b2d9963da2e5543e17776969e89b4c5564d00349106b8497785dd7d1d713a8ae82b32fa79d5f7fc407d39b",
  },
  {
    pubkey: SIGNED.pubkey,
    signature:
      "1fa62e331edbc21c394792d2ab1100a7b432b013df3f6ff4f99fcb33e0e1515f28890b3edb6e7189b630448b515ce4f8622a954cfe545735aaea5134fccdb2bd",
  },
  {
    pubkey: SIGNED.pubkey,
    signature:
      "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f69e89b4c5564d00349106b8497785dd7d1d713a8ae82b32fa79d5f7fc407d39b",
  },
];
/** Twice the generator: what the secret 2 shares with the public key of the secret 1. */
const SHARED = {
  secret: "0000000000000000000000000000000000000000000000000000000000000002",
  peer: "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
  x: "c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5",
};

const bytes = (hex: string): Uint8Array => Buffer.from(hex, "hex");
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** @throws {Error} naming what a backend gets wrong */
export const selfTest = ({ verify, sign, publicKey, sharedX }: Crypto): void => {
  const [secret, hash] = [bytes(SIGNED.secret), bytes(SIGNED.hash)];
  expect(hexOf(publicKey(secret)) === SIGNED.pubkey, "public keys");
  expect(hexOf(sign(hash, secret, bytes(SIGNED.aux))) === SIGNED.signature, "signing");
  expect(
    verify(bytes(VERIFIED.signature), bytes(VERIFIED.hash), bytes(VERIFIED.pubkey)) &&
      REFUSED.every(({ signature, pubkey }) => !verify(bytes(signature), hash, bytes(pubkey))),
    "verifying",
  );
  expect(hexOf(sharedX(bytes(SHARED.secret), bytes(SHARED.peer))) === SHARED.x, "shared secrets");

  const [own, message] = [randomBytes(32), randomBytes(32)];
  expect(verify(sign(message, own), message, publicKey(own)), "a signature of its own");
};

const expect = (right: boolean, what: string): void => {
  if (!right) throw new Error(`it fails its self-test: ${what}`);
};
