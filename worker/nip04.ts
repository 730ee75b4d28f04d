/**
 * NIP-04's cipher: AES-256-CBC under the x coordinate that two parties share, without any authentication.
 * Clients of the older drafts of NIP-46 speak it.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const CIPHER = "aes-256-cbc";
const FORM = /^([A-Za-z0-9+/]+={0,2})\?iv=([A-Za-z0-9+/]{22}==)$/;

/** @param key the shared x coordinate @returns `<base64>?iv=<base64>` */
export const encrypt = (plaintext: string, key: Uint8Array): string => {
  const iv = randomBytes(16);
  const cipher = createCipheriv(CIPHER, key, iv);
  const ciphertext = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final()]);
  return `${ciphertext.toString("base64")}?iv=${iv.toString("base64")}`;
};

/** @throws when the text is damaged, as far as the cipher shows it */
export const decrypt = (text: string, key: Uint8Array): string => {
  const [, ciphertext, iv] = FORM.exec(text) ?? [];
  if (ciphertext === undefined || iv === undefined) throw new Error("not encrypted as in NIP-04");
  const decipher = createDecipheriv(CIPHER, key, Buffer.from(iv, "base64"));
  return decipher.update(ciphertext, "base64", "utf8") + decipher.final("utf8");
};
