/**
 * Packs public keys into as few subscriptions as a relay takes. Pure: it says which REQ and CLOSE to
 * send, and learns from what the relay says back. One instance per relay.
 */

/** `#p` values in one subscription, and subscriptions on one connection, until a relay asks for less. */
const MOST_KEYS = 1_000;
const FEWEST_KEYS = 1;

interface Pack {
  pubkeys: Set<string>;
  /** Whether the relay knows it at all, and whether it knows something else than this. */
  sent: boolean;
  dirty: boolean;
}

export interface Changes {
  /** Subscriptions to (re)send whole: a REQ under a known id replaces the old one (NIP-01). */
  request: { id: string; pubkeys: string[] }[];
  /** Subscriptions to CLOSE. */
  close: string[];
}

export class Subscriptions {
  #packs = new Map<string, Pack>();
  #packOf = new Map<string, string>();
  #emptied: string[] = [];
  #capacity: number;
  /** The largest number of values that the relay has taken: a refusal below it has another reason. */
  #proven = 0;
  #serial = 0;

  constructor(capacity = MOST_KEYS) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#packs.size;
  }

  add(pubkey: string): void {
    if (this.#packOf.has(pubkey)) return;
    const [id, pack] = this.#withRoom();
    pack.pubkeys.add(pubkey);
    pack.dirty = true;
    this.#packOf.set(pubkey, id);
  }

  delete(pubkey: string): void {
    const id = this.#packOf.get(pubkey);
    const pack = id === undefined ? undefined : this.#packs.get(id);
    if (id === undefined || !pack) return;
    this.#packOf.delete(pubkey);
    pack.pubkeys.delete(pubkey);
    pack.dirty = true;
    if (pack.pubkeys.size === 0) this.#drop(id, pack);
  }

  /** What has to be sent since the last call. After a reconnect, `all` gives every subscription again. */
  flush(all = false): Changes {
    const close = all ? [] : this.#emptied;
    this.#emptied = [];
    const request = [];
    for (const [id, pack] of this.#packs) {
      if (!all && !pack.dirty) continue;
      pack.dirty = false;
      pack.sent = true;
      request.push({ id, pubkeys: [...pack.pubkeys] });
    }
    return { request, close };
  }

  has(id: string): boolean {
    return this.#packs.has(id);
  }

  /** The subscriptions that the relay was sent as they are now. */
  sent(): { id: string; pubkeys: string[] }[] {
    return [...this.#packs]
      .filter(([, { sent, dirty }]) => sent && !dirty)
      .map(([id, { pubkeys }]) => ({ id, pubkeys: [...pubkeys] }));
  }

  /** The subscription of this key is to be sent again, as it is. */
  renew(pubkey: string): void {
    const pack = this.#packs.get(this.#packOf.get(pubkey) ?? "");
    if (pack) pack.dirty = true;
  }

  /** The relay took `id`. */
  confirmed(id: string): void {
    this.#proven = Math.max(this.#proven, this.#packs.get(id)?.pubkeys.size ?? 0);
  }

  /**
   * The relay did not take `id`: it is to be sent again. If so many values were never taken, packs smaller
   * from now on, and splits what is larger.
   */
  refused(id: string): void {
    const pack = this.#packs.get(id);
    if (!pack) return;
    pack.dirty = true;
    const { size } = pack.pubkeys;
    if (size <= this.#proven) return;
    this.#capacity = Math.max(FEWEST_KEYS, Math.min(this.#capacity, Math.ceil(size / 2)));
    for (const [id, pack] of [...this.#packs]) {
      if (pack.pubkeys.size <= this.#capacity) continue;
      const moving = [...pack.pubkeys];
      for (const pubkey of moving) this.#packOf.delete(pubkey);
      this.#drop(id, pack);
      for (const pubkey of moving) this.add(pubkey);
    }
  }

  #withRoom(): [string, Pack] {
    for (const entry of this.#packs) if (entry[1].pubkeys.size < this.#capacity) return entry;
    const id = `bunkers-${++this.#serial}`;
    const pack = { pubkeys: new Set<string>(), sent: false, dirty: true };
    this.#packs.set(id, pack);
    return [id, pack];
  }

  #drop(id: string, { sent }: Pack): void {
    this.#packs.delete(id);
    if (sent) this.#emptied.push(id);
  }
}
