/** What every backend has to pass, whichever machine it needs. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { backend, useBackend } from "../../worker/crypto/backend.ts";
import { conversationKey } from "../../worker/crypto/conversation-key.ts";
import { type Crypto, CryptoError } from "../../worker/crypto/crypto.ts";
import { signEvent, verifyEvent } from "../../worker/crypto/event.ts";
import { noble } from "../../worker/crypto/noble.ts";
import { openKey } from "../../worker/keys.ts";
import { npubOf } from "../../worker/npub.ts";
import { BIP_340, bytesOf, hexOf, NIP_44 } from "./crypto-vectors.ts";

const PORTIONS = [0, 1, 2, 3, 4].map((portion) => [portion * 100, (portion + 1) * 100] as const);
const ORDER = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
const NO_SECRETS = ["00".repeat(32), ORDER, "ff".repeat(32), "", "01".repeat(31), "01".repeat(33)];
const LAST_SECRETS = ["00".repeat(31).concat("01"), ORDER.replace(/41$/, "40"), ORDER.replace(/41$/, "3f")];

/** Declares the tests of one backend, which the rest of the process uses meanwhile. */
export const testBackend = (crypto: Crypto): void => {
  const before = backend();
  beforeAll(() => useBackend(crypto));
  afterAll(() => useBackend(before));

  test.each(BIP_340)("BIP-340, row $index $comment", ({ secret, pubkey, aux, message, signature, valid }) => {
    const [hash, signed] = [bytesOf(message), bytesOf(signature)];
    if (secret) expect(hexOf(crypto.publicKey(bytesOf(secret)))).toBe(pubkey);
    if (hash.length === 32) {
      expect(crypto.verify(signed, hash, bytesOf(pubkey))).toBe(valid);
      if (secret) expect(hexOf(crypto.sign(hash, bytesOf(secret), bytesOf(aux)))).toBe(signature);
      return;
    }
    // Messages of other lengths are right by the standard, and none of Nostr's.
    expect(crypto.verify(signed, hash, bytesOf(pubkey))).toBe(false);
    expect(() => crypto.sign(hash, bytesOf(secret))).toThrow(CryptoError);
  });

  test("NIP-44's conversation keys", () => {
    for (const { sec1, pub2, conversation_key } of NIP_44.valid.get_conversation_key) {
      expect(hexOf(conversationKey("nip44", bytesOf(sec1), pub2))).toBe(conversation_key);
    }
    for (const { sec1, pub2 } of NIP_44.invalid.get_conversation_key) {
      expect(() => conversationKey("nip44", bytesOf(sec1), pub2)).toThrow(CryptoError);
      expect(() => conversationKey("nip04", bytesOf(sec1), pub2)).toThrow(CryptoError);
    }
  });

  test("NIP-44's messages are read by the keys of both who speak", async () => {
    for (const { sec1, sec2, plaintext, payload } of NIP_44.valid.encrypt_decrypt) {
      const [pub1, pub2] = [sec1, sec2].map((secret) => hexOf(crypto.publicKey(bytesOf(secret))));
      for (const [secret, own = "", peer = ""] of [
        [sec1, pub1, pub2],
        [sec2, pub2, pub1],
      ] as const) {
        const key = await openKey(npubOf(own), secret, { masterKeys: [], passphrase: undefined });
        expect(key.decrypt("nip44", peer, payload)).toBe(plaintext);
        expect(key.decrypt("nip04", peer, key.encrypt("nip04", peer, plaintext))).toBe(plaintext);
        key.destroy();
      }
    }
  });

  test("what it signs is an event, and nothing else is", () => {
    const secret = new Uint8Array(randomBytes(32));
    const template = { kind: 1, content: 'é\u0000\ud800"', tags: [["t", "\n"], ["e"]], created_at: 1 };
    const event = signEvent(template, hexOf(crypto.publicKey(secret)), secret);
    expect(verifyEvent(event)).toBe(true);
    const zeros = "0".repeat(128);
    const changes = [
      { content: "x" },
      { id: zeros.slice(64) },
      { sig: zeros },
      { sig: "" },
      { pubkey: zeros.slice(64) },
    ];
    for (const change of changes) expect(verifyEvent({ ...event, ...change })).toBe(false);
  });

  if (crypto !== noble) testAgainstNoble(crypto);

  test("the first secret and the last ones are as good as any", () => {
    for (const hex of LAST_SECRETS) {
      const secret = bytesOf(hex);
      expect(hexOf(crypto.publicKey(secret))).toBe(hexOf(noble.publicKey(secret)));
      const hash = new Uint8Array(32);
      expect(crypto.verify(crypto.sign(hash, secret), hash, crypto.publicKey(secret))).toBe(true);
      const peer = noble.publicKey(new Uint8Array(32).fill(1));
      expect(hexOf(crypto.sharedX(secret, peer))).toBe(hexOf(noble.sharedX(secret, peer)));
    }
  });

  test.each(NO_SECRETS)("%j is no secret", (hex) => {
    const peer = noble.publicKey(new Uint8Array(32).fill(1));
    const [secret, hash] = [bytesOf(hex), new Uint8Array(32)];
    expect(() => crypto.publicKey(secret)).toThrow(CryptoError);
    expect(() => crypto.sign(hash, secret)).toThrow(CryptoError);
    expect(() => crypto.sharedX(secret, peer)).toThrow(CryptoError);
    expect(hexOf(secret)).toBe(hex);
  });

  test("what is no point, or has another size, is refused, and the next is computed as ever", () => {
    const secret = new Uint8Array(32).fill(1);
    const [hash, pubkey] = [new Uint8Array(32), crypto.publicKey(secret)];
    const signature = crypto.sign(hash, secret);
    const field = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f";
    const noPoints = ["00".repeat(32), "ff".repeat(32), field, `${"00".repeat(31)}05`].map(bytesOf);
    const sizes = [0, 1, 31, 33, 64, 65].map((size) => new Uint8Array(size).fill(1));
    for (const peer of [...noPoints, ...sizes]) {
      expect(() => crypto.sharedX(secret, peer)).toThrow(CryptoError);
      expect(crypto.verify(signature, hash, peer)).toBe(false);
    }
    for (const other of sizes) {
      expect(() => crypto.sign(other, secret)).toThrow(CryptoError);
      expect(() => crypto.sign(hash, secret, other)).toThrow(CryptoError);
      expect(crypto.verify(signature, other, pubkey)).toBe(false);
      if (other.length !== 64) expect(crypto.verify(other, hash, pubkey)).toBe(false);
    }
    expect(crypto.verify(signature, hash, pubkey)).toBe(true);
  });

  test("two signatures of one hash differ: each has its own randomness", () => {
    const [hash, secret] = [new Uint8Array(32), new Uint8Array(32).fill(7)];
    expect(hexOf(crypto.sign(hash, secret))).not.toBe(hexOf(crypto.sign(hash, secret)));
  });
};

/** Five comparisons a round; in portions, because noble is slow. */
const testAgainstNoble = (crypto: Crypto): void => {
  test.each(PORTIONS)("agrees with noble on random cases, %i to %i", (from, to) => {
    for (let round = from; round < to; round++) {
      const [secret, aux, hash] = [randomBytes(32), randomBytes(32), randomBytes(32)];
      const pubkey = noble.publicKey(secret);
      const signature = noble.sign(hash, secret, aux);
      expect(hexOf(crypto.publicKey(secret))).toBe(hexOf(pubkey));
      expect(hexOf(crypto.sign(hash, secret, aux))).toBe(hexOf(signature));
      expect(crypto.verify(signature, hash, pubkey)).toBe(true);
      const inputs = [signature, hash, pubkey].map((bytes) => Uint8Array.from(bytes));
      const damaged = inputs[round % 3] ?? hash;
      damaged[round % damaged.length] = (damaged[round % damaged.length] ?? 0) ^ (1 << (round % 8));
      const [otherSignature = hash, otherHash = hash, otherPubkey = hash] = inputs;
      expect(crypto.verify(otherSignature, otherHash, otherPubkey)).toBe(false);
      // About half of all numbers are the x coordinate of a point.
      const [own, nobles] = [crypto, noble].map(({ sharedX }) => outcome(() => sharedX(secret, hash)));
      expect(own).toBe(nobles);
    }
  });
};

const outcome = (compute: () => Uint8Array): string => {
  try {
    return hexOf(compute());
  } catch (error) {
    return error instanceof CryptoError ? error.message : "another error";
  }
};
