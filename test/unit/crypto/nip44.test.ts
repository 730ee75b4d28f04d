/** The part of NIP-44 that no backend computes. */
import * as nip44 from "nostr-tools/nip44";
import { expect, test } from "vitest";
import { generateIdentity } from "../../../worker/keys.ts";
import { bytesOf, NIP_44, NIP_44_TEXT, sha256 } from "../../support/crypto-vectors.ts";

test("the vectors are those that the standard names", () => {
  expect(sha256(NIP_44_TEXT)).toBe("269ed0f69e4c192512cc779e78c555090cebc7c785b609e338a62afc3ce25040");
});

test("messages are encrypted and decrypted as in the vectors", () => {
  for (const { conversation_key, nonce, plaintext, payload } of NIP_44.valid.encrypt_decrypt) {
    const key = bytesOf(conversation_key);
    expect(nip44.encrypt(plaintext, key, bytesOf(nonce))).toBe(payload);
    expect(nip44.decrypt(payload, key)).toBe(plaintext);
  }
  for (const row of NIP_44.valid.encrypt_decrypt_long_msg) {
    const [key, plaintext] = [bytesOf(row.conversation_key), row.pattern.repeat(row.repeat)];
    expect(sha256(plaintext)).toBe(row.plaintext_sha256);
    const payload = nip44.encrypt(plaintext, key, bytesOf(row.nonce));
    expect(sha256(payload)).toBe(row.payload_sha256);
    expect(nip44.decrypt(payload, key)).toBe(plaintext);
  }
});

test.each(NIP_44.invalid.decrypt)("refuses a message: $note", ({ conversation_key, payload }) => {
  expect(() => nip44.decrypt(payload, bytesOf(conversation_key))).toThrow();
});

test.each(NIP_44.invalid.encrypt_msg_lengths)("a key encrypts no message of %i bytes", (length) => {
  const key = generateIdentity();
  expect(() => key.encrypt("nip44", key.pubkey, "x".repeat(length))).toThrow();
});
