/** The keys of conversations (NIP-44, NIP-04) that keys.ts has computed: the most recently used of the whole process. */
import { LRUCache } from "lru-cache";

export class Conversations {
  #secrets: LRUCache<string, Uint8Array>;
  /** By whose they are. Whoever has none is not in it. */
  #idsOf = new Map<string, Set<string>>();

  /** @param max how many are kept at most */
  constructor(max: number) {
    this.#secrets = new LRUCache({
      max,
      dispose: (secret, id) => {
        secret.fill(0);
        const owner = id.slice(0, 64);
        const ids = this.#idsOf.get(owner);
        ids?.delete(id);
        if (ids?.size === 0) this.#idsOf.delete(owner);
      },
    });
  }

  get size(): number {
    return this.#secrets.size;
  }

  /** The one kept, or what `compute` returns, which is overwritten once it is not kept any more. @param owner 64 digits */
  of(owner: string, peer: string, scheme: string, compute: () => Uint8Array): Uint8Array {
    const id = owner + peer + scheme;
    const kept = this.#secrets.get(id);
    if (kept) return kept;
    const secret = compute();
    this.#secrets.set(id, secret);
    const ids = this.#idsOf.get(owner);
    if (ids) ids.add(id);
    else this.#idsOf.set(owner, new Set([id]));
    return secret;
  }

  /** Overwrites those of a key. */
  forget(owner: string): void {
    for (const id of this.#idsOf.get(owner) ?? []) this.#secrets.delete(id);
  }
}
