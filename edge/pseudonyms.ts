/**
 * Whom an address stands for, as a name that says nothing of the address: a hash keyed by a secret that never leaves
 * the object. All that an object keeps of an address is this.
 */
import { subscriberOf } from "./address.ts";

export class Pseudonyms {
  readonly #storage: DurableObjectStorage;
  #key: Promise<CryptoKey> | undefined;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** 64 hex digits; the same for every address of one subscriber. */
  async of(ip: string): Promise<string> {
    this.#key ??= crypto.subtle.importKey("raw", this.#secret(), { name: "HMAC", hash: "SHA-256" }, false, [
      "sign",
    ]);
    const text = new TextEncoder().encode(subscriberOf(ip));
    return new Uint8Array(await crypto.subtle.sign("HMAC", await this.#key, text)).toHex();
  }

  #secret(): Uint8Array<ArrayBuffer> {
    const kept = this.#storage.kv.get<Uint8Array<ArrayBuffer>>("secret");
    if (kept) return kept;
    const secret = crypto.getRandomValues(new Uint8Array(32));
    this.#storage.kv.put("secret", secret);
    return secret;
  }
}
