/**
 * Tokens that bring somebody back: what the lobby knows of them, sealed (AES-GCM) with a secret that never leaves it.
 * So even a lobby that has lost everything but its storage can take up where it was, and nothing had to be stored.
 */
const IV_BYTES = 12;
const BASE64 = { alphabet: "base64url", omitPadding: true } as const;

export class Seals {
  readonly #storage: DurableObjectStorage;
  #key: Promise<CryptoKey> | undefined;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  async seal(text: string): Promise<string> {
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const data = new TextEncoder().encode(text);
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await this.#secret(), data);
    const token = new Uint8Array(IV_BYTES + sealed.byteLength);
    token.set(iv);
    token.set(new Uint8Array(sealed), IV_BYTES);
    return token.toBase64(BASE64);
  }

  /** What was sealed; undefined for what this lobby has not sealed. */
  async open(token: string): Promise<string | undefined> {
    try {
      const bytes = Uint8Array.fromBase64(token, { alphabet: BASE64.alphabet });
      const algorithm = { name: "AES-GCM", iv: bytes.subarray(0, IV_BYTES) };
      const sealed = bytes.subarray(IV_BYTES);
      return new TextDecoder().decode(await crypto.subtle.decrypt(algorithm, await this.#secret(), sealed));
    } catch {
      return undefined;
    }
  }

  #secret(): Promise<CryptoKey> {
    this.#key ??= crypto.subtle.importKey("raw", this.#bytes(), "AES-GCM", false, ["encrypt", "decrypt"]);
    return this.#key;
  }

  #bytes(): Uint8Array<ArrayBuffer> {
    const kept = this.#storage.kv.get<Uint8Array<ArrayBuffer>>("seal");
    if (kept) return kept;
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    this.#storage.kv.put("seal", bytes);
    return bytes;
  }
}
