/** The published test vectors: BIP-340's, and those that NIP-44 names by their checksum. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const read = (name: string) => readFileSync(new URL(`../vectors/${name}`, import.meta.url), "utf8");

export const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));
export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

export const BIP_340 = read("bip-0340.csv")
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => {
    const [index = "", secret = "", pubkey = "", aux = "", message = "", signature = "", result, comment] =
      line.toLowerCase().split(",");
    return { index, secret, pubkey, aux, message, signature, valid: result === "true", comment };
  });

interface Nip44Vectors {
  valid: {
    get_conversation_key: { sec1: string; pub2: string; conversation_key: string }[];
    encrypt_decrypt: {
      sec1: string;
      sec2: string;
      conversation_key: string;
      nonce: string;
      plaintext: string;
      payload: string;
    }[];
    encrypt_decrypt_long_msg: {
      conversation_key: string;
      nonce: string;
      pattern: string;
      repeat: number;
      plaintext_sha256: string;
      payload_sha256: string;
    }[];
  };
  invalid: {
    encrypt_msg_lengths: number[];
    get_conversation_key: { sec1: string; pub2: string; note: string }[];
    decrypt: { conversation_key: string; payload: string; note: string }[];
  };
}

export const NIP_44_TEXT = read("nip44.vectors.json");
export const NIP_44: Nip44Vectors = JSON.parse(NIP_44_TEXT).v2;
