/**
 * The one module that holds key bytes: it opens secrets at rest, has them sealed, and does with them what a bunker
 * may. Nothing it returns or throws holds a secret; `destroy` overwrites what it kept. (sealing.ts is its
 * cipher, and ncryptsec.ts the thread in which it opens those that a passphrase encrypts.)
 */
import { Worker } from "node:worker_threads";
import * as nip44 from "nostr-tools/nip44";
import { generateSecretKey } from "nostr-tools/pure";
import type { NostrEvent } from "../protocol/nostr.ts";
import { formOf, KeyError, type Openers } from "./at-rest.ts";
import { Conversations } from "./conversations.ts";
import { backend } from "./crypto/backend.ts";
import { conversationKey, type Scheme } from "./crypto/conversation-key.ts";
import { type EventTemplate, signEvent } from "./crypto/event.ts";
import * as nip04 from "./nip04.ts";
import { decodeKey } from "./nip19.ts";
import { hexOf, npubOf } from "./npub.ts";
import { isSealedUnder, seal, unseal } from "./sealing.ts";

/** What a running bunker can do with its key. Keys, peers and events are hex, as in NIP-01. */
export interface LocalKey {
  readonly pubkey: string;
  sign(event: EventTemplate): NostrEvent;
  /** @throws when `peer` is no point of the curve, or the text cannot be encrypted or decrypted. */
  encrypt(scheme: Scheme, peer: string, plaintext: string): string;
  decrypt(scheme: Scheme, peer: string, ciphertext: string): string;
  destroy(): void;
}

/** NIP-44: a longer text would get a length prefix of its own, which most clients cannot read. */
const MAX_PLAINTEXT_BYTES = 65_535;

/** Keys of conversations that the process keeps; the least recently used goes first. */
const conversations = new Conversations(32_768);

/** A key for this process alone, which lies nowhere: for what it says in its own name. */
export const generateIdentity = (): LocalKey => {
  const secret = generateSecretKey();
  return new OpenKey(publicKeyOf(secret), secret);
};

/**
 * Opens the secret of a row. A NIP-49 value takes a fraction of a second, in a thread of its own.
 *
 * @param atRest `sealed:…`, `ncryptsec1…` (NIP-49), `nsec1…` (NIP-19) or 64 hex digits
 * @throws {KeyError} when it cannot be opened, or is not the secret of `npub`
 */
export const openKey = async (npub: string, atRest: string, openers: Openers): Promise<LocalKey> => {
  const text = atRest.trim();
  const secret = await readSecret(npub, text, openers);
  // A sealed value opens for one npub alone, and whose secret it is was looked at before it was sealed.
  const proven = formOf(text) === "sealed" ? hexOf(npub) : null;
  return new OpenKey(proven ?? publicKeyOf(secret, npub), secret);
};

/** A fresh secret key, sealed at once. @param master 64 hex digits */
export const generateSealedKey = (master: string): { npub: string; sealed: string } => {
  const secret = generateSecretKey();
  try {
    const npub = npubOf(publicKeyOf(secret));
    return { npub, sealed: seal(secret, npub, master) };
  } finally {
    secret.fill(0);
  }
};

/**
 * The secret of a row in any form, sealed under the first master key; as it is where it is that already.
 *
 * @throws {KeyError} when it cannot be opened, is not the secret of `npub`, or there is no master key
 */
export const sealSecret = async (
  npub: string,
  atRest: string,
  masterKeys: readonly string[],
  passphrase: string | undefined,
): Promise<string> => {
  const master = first(masterKeys);
  const secret = await readSecret(npub, atRest.trim(), { masterKeys, passphrase });
  try {
    publicKeyOf(secret, npub);
    return isSealedUnder(master, atRest.trim()) ? atRest.trim() : seal(secret, npub, master);
  } finally {
    secret.fill(0);
  }
};

/**
 * A secret as an operator hands it over, sealed under the first master key.
 *
 * @param text `nsec1…`, 64 hex digits, or `ncryptsec1…` with its passphrase
 * @throws {KeyError} when it is no secret, cannot be opened, or there is no master key
 */
export const importSecret = async (
  text: string,
  masterKeys: readonly string[],
  passphrase: string | undefined,
): Promise<{ npub: string; sealed: string }> => {
  const master = first(masterKeys);
  if (formOf(text) === "sealed")
    throw new KeyError("a sealed value belongs to its row: hand over the secret");
  const secret = await readSecret("", text.trim(), { masterKeys: [], passphrase });
  try {
    const npub = npubOf(publicKeyOf(secret));
    return { npub, sealed: seal(secret, npub, master) };
  } finally {
    secret.fill(0);
  }
};

const first = ([master]: readonly string[]): string => {
  if (master === undefined) throw new KeyError("there is no master key to seal under: set MASTER_KEY");
  return master;
};

/** The public key in hex. Overwrites a secret that is none, or not that of `npub`. */
const publicKeyOf = (secret: Uint8Array, npub?: string): string => {
  let pubkey: string;
  try {
    pubkey = Buffer.from(backend().publicKey(secret)).toString("hex");
  } catch {
    secret.fill(0);
    throw new KeyError("the secret is not a valid private key");
  }
  if (npub === undefined || npubOf(pubkey) === npub) return pubkey;
  secret.fill(0);
  throw new KeyError("the secret belongs to another npub");
};

const readSecret = async (
  npub: string,
  text: string,
  { masterKeys, passphrase }: Openers,
): Promise<Uint8Array> => {
  switch (formOf(text)) {
    case "sealed":
      return unseal(npub, text, masterKeys);
    case "ncryptsec":
      return decryptInThread(text, passphrase);
    case "nsec":
      return decodeNsec(text);
    case "hex":
      return Buffer.from(text, "hex");
    case null:
      throw new KeyError(
        "the secret has no form that is known here (sealed:, ncryptsec1, nsec1, or 64 hex digits)",
      );
  }
};

const decodeNsec = (text: string): Uint8Array => {
  const secret = decodeKey("nsec", text);
  if (!secret) throw new KeyError("the nsec is damaged");
  return secret;
};

/** The thread's program lies beside this file, and in a build beside the bundle. */
const THREAD = new URL(import.meta.url.endsWith(".ts") ? "ncryptsec.ts" : "ncryptsec.js", import.meta.url);

const decryptInThread = (ncryptsec: string, passphrase: string | undefined): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    if (passphrase === undefined) {
      throw new KeyError("the key is encrypted (NIP-49): set NCRYPTSEC_PASSPHRASE");
    }
    const thread = new Worker(THREAD, { workerData: { ncryptsec, passphrase }, env: {} });
    thread.once("message", (opened: unknown) => {
      if (opened instanceof Uint8Array) resolve(opened);
      else reject(new KeyError(String(opened)));
    });
    const fail = () => reject(new KeyError("the thread that opens ncryptsec values ended too early"));
    thread.once("error", fail);
    thread.once("exit", fail);
  });

/** Light, because there are as many as keys are served. */
class OpenKey implements LocalKey {
  readonly pubkey: string;
  /** Undefined once destroyed. */
  #secret: Uint8Array | undefined;

  constructor(pubkey: string, secret: Uint8Array) {
    this.pubkey = pubkey;
    this.#secret = secret;
  }

  sign(event: EventTemplate): NostrEvent {
    return signEvent(event, this.pubkey, this.#use());
  }

  encrypt(scheme: Scheme, peer: string, plaintext: string): string {
    if (scheme === "nip04") return nip04.encrypt(plaintext, this.#conversation(scheme, peer));
    if (Buffer.byteLength(plaintext) > MAX_PLAINTEXT_BYTES) throw new RangeError("the text is too long");
    return nip44.encrypt(plaintext, this.#conversation(scheme, peer));
  }

  decrypt(scheme: Scheme, peer: string, ciphertext: string): string {
    const { decrypt } = scheme === "nip04" ? nip04 : nip44;
    return decrypt(ciphertext, this.#conversation(scheme, peer));
  }

  destroy(): void {
    this.#secret?.fill(0);
    this.#secret = undefined;
    conversations.forget(this.pubkey);
  }

  #use(): Uint8Array {
    if (!this.#secret) throw new KeyError("the key is no longer in use");
    return this.#secret;
  }

  #conversation(scheme: Scheme, peer: string): Uint8Array {
    const secret = this.#use();
    return conversations.of(this.pubkey, peer, scheme, () => conversationKey(scheme, secret, peer));
  }
}
