/**
 * Sealing: a secret encrypted under a master key (`MASTER_KEY`), for its row alone. Several master keys may be
 * in use at once, so that the rows can move from one to the next while they are served.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { KeyError } from "./at-rest.ts";

/** 80 characters of base64url are 60 bytes: nonce, 32 bytes of secret, tag. */
const SEALED = /^sealed:v1:([0-9a-f]{8}):([A-Za-z0-9_-]{80})$/;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A fresh master key: 32 random bytes as hex. */
export const generateMasterKey = (): string => randomBytes(32).toString("hex");

interface MasterKey {
  /** 4 bytes of a hash, as hex: no secret. */
  id: string;
  /** To make it of its bytes each time would cost more than to open a value with it. */
  key: KeyObject;
}

/** @param text 64 hex digits */
const masterKey = (text: string): MasterKey => {
  const bytes = Buffer.from(text, "hex");
  const hash = createHash("sha256").update("satoshigle master key id").update(bytes).digest("hex");
  return { id: hash.slice(0, 8), key: createSecretKey(bytes) };
};

const known = new WeakMap<readonly string[], MasterKey[]>();

/** Those of a list, which are made once. */
const mastersOf = (masterKeys: readonly string[]): MasterKey[] => {
  const masters = known.get(masterKeys) ?? masterKeys.map(masterKey);
  known.set(masterKeys, masters);
  return masters;
};

/** Whether a value at rest is sealed under this master key. */
export const isSealedUnder = (master: string, atRest: string): boolean =>
  SEALED.exec(atRest)?.[1] === masterKey(master).id;

/**
 * `sealed:v1:<master key id>:<base64url of nonce, ciphertext and tag>`, AES-256-GCM (NIST SP 800-38D) bound to
 * the npub, so that a value moved to another row does not open.
 */
export const seal = (secret: Uint8Array, npub: string, master: string): string => {
  const { id, key } = masterKey(master);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(npub));
  const sealed = Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  return `sealed:v1:${id}:${sealed.toString("base64url")}`;
};

/**
 * The secret in a sealed value.
 *
 * @throws {KeyError} when none of the master keys opens it for `npub`
 */
export const unseal = (npub: string, text: string, masterKeys: readonly string[]): Uint8Array => {
  const [, id, body] = SEALED.exec(text) ?? [];
  if (!id || !body) throw new KeyError("the sealed value is damaged");
  const masters = mastersOf(masterKeys);
  if (masters.length === 0) throw new KeyError(`the key is sealed (master key ${id}): set MASTER_KEY`);
  const master = masters.find((each) => each.id === id);
  if (!master) {
    const known = masters.map((each) => each.id).join(", ");
    throw new KeyError(`the key is sealed under master key ${id}, MASTER_KEY is ${known}`);
  }
  const bytes = Buffer.from(body, "base64url");
  try {
    const decipher = createDecipheriv("aes-256-gcm", master.key, bytes.subarray(0, NONCE_BYTES), {
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
