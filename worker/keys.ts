/**
 * The one module that touches key bytes: it opens secrets at rest, and does with them what a bunker may.
 * Nothing it returns or throws holds a secret; `destroy` overwrites what it kept.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import * as nip04 from "nostr-tools/nip04";
import * as nip19 from "nostr-tools/nip19";
import * as nip44 from "nostr-tools/nip44";
import { finalizeEvent, generateSecretKey, getPublicKey } from "nostr-tools/pure";
import type { NostrEvent } from "../protocol/nostr.ts";

/** What a running bunker can do with its key. Keys, peers and events are hex, as in NIP-01. */
export interface LocalKey {
  readonly pubkey: string;
  sign(event: { kind: number; content: string; tags: string[][]; created_at: number }): NostrEvent;
  /** @throws when `peer` is no point of the curve, or the text cannot be encrypted or decrypted. */
  encrypt(scheme: Scheme, peer: string, plaintext: string): string;
  decrypt(scheme: Scheme, peer: string, ciphertext: string): string;
  destroy(): void;
}

export type Scheme = "nip04" | "nip44";

/** How a secret was found at rest; all but `sealed` are accepted with a warning. */
export type AtRest = "sealed" | "nsec" | "hex";

/** Why a secret at rest could not be opened. The message names no part of it. */
export class KeyError extends Error {
  override name = "KeyError";
}

/** NIP-44: a longer text would get a length prefix of its own, which most clients cannot read. */
const MAX_PLAINTEXT_BYTES = 65_535;

/** Conversation keys (NIP-44) kept for a key; the least recently used goes first. */
const CONVERSATIONS_PER_KEY = 64;

/** 80 characters of base64url are 60 bytes: nonce, 32 bytes of secret, tag. */
const SEALED = /^sealed:v1:([0-9a-f]{8}):([A-Za-z0-9_-]{80})$/;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The id under which a value names the master key that sealed it: 4 bytes of a hash, no secret. */
const masterKeyId = (master: Buffer): string =>
  createHash("sha256").update("satoshigle master key id").update(master).digest("hex").slice(0, 8);

/** A fresh master key: 32 random bytes as hex. */
export const generateMasterKey = (): string => randomBytes(32).toString("hex");

/**
 * A fresh secret key, sealed at once: `sealed:v1:<master key id>:<base64url of nonce, ciphertext and tag>`,
 * AES-256-GCM (NIST SP 800-38D) bound to the npub, so that a value moved to another row does not open.
 *
 * @param masterKey 64 hex digits
 */
export const generateSealedKey = (masterKey: string): { npub: string; sealed: string } => {
  const secret = generateSecretKey();
  try {
    const npub = nip19.npubEncode(getPublicKey(secret));
    return { npub, sealed: seal(secret, npub, Buffer.from(masterKey, "hex")) };
  } finally {
    secret.fill(0);
  }
};

const seal = (secret: Uint8Array, npub: string, master: Buffer): string => {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", master, nonce).setAAD(Buffer.from(npub));
  const sealed = Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  return `sealed:v1:${masterKeyId(master)}:${sealed.toString("base64url")}`;
};

/**
 * Opens the secret of a row.
 *
 * @param atRest `sealed:…`, `nsec1…` (NIP-19) or 64 hex digits
 * @param masterKey 64 hex digits; needed for sealed values only
 * @throws {KeyError} when it cannot be opened, or is not the secret of `npub`
 */
export const openKey = (
  npub: string,
  atRest: string,
  masterKey: string | undefined,
): { key: LocalKey; atRest: AtRest } => {
  const { secret, form } = readSecret(npub, atRest.trim(), masterKey);
  let pubkey: string;
  try {
    pubkey = getPublicKey(secret);
  } catch {
    secret.fill(0);
    throw new KeyError("the secret is not a valid private key");
  }
  if (nip19.npubEncode(pubkey) !== npub) {
    secret.fill(0);
    throw new KeyError("the secret belongs to another npub");
  }
  return { key: localKey(pubkey, secret), atRest: form };
};

const readSecret = (
  npub: string,
  text: string,
  masterKey: string | undefined,
): { secret: Uint8Array; form: AtRest } => {
  if (text.startsWith("sealed:")) return { secret: unseal(npub, text, masterKey), form: "sealed" };
  if (text.startsWith("nsec1")) return { secret: decodeNsec(text), form: "nsec" };
  if (/^[0-9a-fA-F]{64}$/.test(text)) return { secret: Buffer.from(text, "hex"), form: "hex" };
  throw new KeyError("the secret has no form that is known here (sealed:, nsec1, or 64 hex digits)");
};

const unseal = (npub: string, text: string, masterKey: string | undefined): Uint8Array => {
  const [, keyId, body] = SEALED.exec(text) ?? [];
  if (!keyId || !body) throw new KeyError("the sealed value is damaged");
  if (!masterKey) throw new KeyError(`the key is sealed (master key ${keyId}): set MASTER_KEY`);
  const master = Buffer.from(masterKey, "hex");
  if (masterKeyId(master) !== keyId) {
    throw new KeyError(`the key is sealed under master key ${keyId}, MASTER_KEY is ${masterKeyId(master)}`);
  }
  const bytes = Buffer.from(body, "base64url");
  try {
    const decipher = createDecipheriv("aes-256-gcm", master, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(Buffer.from(npub))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    const secret = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    // In this mode the end holds no more bytes; it throws when the tag is wrong.
    decipher.final();
    return secret;
  } catch {
    throw new KeyError("the sealed value does not open for this npub: it was changed or moved");
  }
};

const decodeNsec = (text: string): Uint8Array => {
  try {
    const decoded = nip19.decode(text);
    if (decoded.type === "nsec") return decoded.data;
  } catch {
    // The decoder's own message may quote its input.
  }
  throw new KeyError("the nsec is damaged");
};

const localKey = (pubkey: string, secret: Uint8Array): LocalKey => {
  const conversations = new Map<string, Uint8Array>();
  let destroyed = false;

  const use = (): Uint8Array => {
    if (destroyed) throw new KeyError("the key is no longer in use");
    return secret;
  };

  const conversation = (peer: string): Uint8Array => {
    const known = conversations.get(peer);
    if (known) conversations.delete(peer);
    const shared = known ?? nip44.getConversationKey(use(), peer);
    conversations.set(peer, shared);
    if (conversations.size > CONVERSATIONS_PER_KEY) {
      const [oldest, bytes] = conversations.entries().next().value ?? [];
      bytes?.fill(0);
      if (oldest) conversations.delete(oldest);
    }
    return shared;
  };

  return {
    pubkey,
    sign: (event) => {
      const { id, kind, content, tags, created_at, sig } = finalizeEvent({ ...event }, use());
      return { id, pubkey, created_at, kind, tags, content, sig };
    },
    encrypt: (scheme, peer, plaintext) => {
      if (scheme === "nip04") return nip04.encrypt(use(), peer, plaintext);
      if (Buffer.byteLength(plaintext) > MAX_PLAINTEXT_BYTES) throw new RangeError("the text is too long");
      return nip44.encrypt(plaintext, conversation(peer));
    },
    decrypt: (scheme, peer, ciphertext) =>
      scheme === "nip44"
        ? nip44.decrypt(ciphertext, conversation(peer))
        : nip04.decrypt(use(), peer, ciphertext),
    destroy: () => {
      destroyed = true;
      secret.fill(0);
      for (const bytes of conversations.values()) bytes.fill(0);
      conversations.clear();
    },
  };
};
