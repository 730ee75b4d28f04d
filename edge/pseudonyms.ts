/**
 * Whom an address stands for, as a name that says nothing of the address: a hash keyed by a secret that never leaves
 * the edge's objects. All that an object keeps of an address is this.
 */
import { subscriberOf } from "./address.ts";

export class Pseudonyms {
  readonly #key: Promise<CryptoKey>;

  constructor(secret: Uint8Array<ArrayBuffer>) {
    this.#key = crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  }

  /** 64 hex digits; the same for every address of one subscriber. */
  async of(ip: string): Promise<string> {
    const text = new TextEncoder().encode(subscriberOf(ip));
    return new Uint8Array(await crypto.subtle.sign("HMAC", await this.#key, text)).toHex();
  }
}

/** The secret that an object keeps: of its own, made when it is first asked for. 32 bytes. */
export function ownSecret(storage: DurableObjectStorage): Uint8Array<ArrayBuffer> {
  const kept = storage.kv.get<Uint8Array<ArrayBuffer>>("secret");
  if (kept) return kept;
  const secret = crypto.getRandomValues(new Uint8Array(32));
  storage.kv.put("secret", secret);
  return secret;
}
