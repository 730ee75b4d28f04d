/**
 * Packs public keys into as few subscriptions as a relay takes. Pure: it says which REQ and CLOSE to send next,
 * and learns from what the relay says back. One instance per relay.
 *
 * What a relay takes is found out by asking: first how many values fit into a subscription, one subscription at
 * a time; then how many subscriptions it takes. Keys that do not fit are held back, and told of as unheard.
 */
import { change, newPack, type Pack, sizeOf } from "./pack.ts";
import type { Refusal } from "./refusal.ts";

/** `#p` values in one subscription until a relay asks for less. */
const MOST_KEYS = 1_000;
/** Subscriptions that are asked for at once. */
const MOST_ASKED = 10;

export interface Changes {
  /** Subscriptions to (re)send whole: a REQ under a known id replaces the old one (NIP-01). */
  request: { id: string; pubkeys: string[] }[];
  /** Subscriptions to CLOSE. */
  close: string[];
}

export class Subscriptions {
  #packs = new Map<string, Pack>();
  #packOf = new Map<string, string>();
  /** The packs that have room. */
  #roomy = new Set<string>();
  #emptied: string[] = [];
  #start: number;
  #largest: number;
  #capacity: number;
  /** The largest number of values that the relay has taken since it was connected. */
  #proven = 0;
  /** How many subscriptions may be asked for, and how many it is known to take. */
  #most = Number.POSITIVE_INFINITY;
  #knownMost = Number.POSITIVE_INFINITY;
  #serial = 0;

  /** @param start from 0 to 1: where in the order of keys it begins when not all fit: relays that begin apart share them out */
  constructor(start = 0, capacity = MOST_KEYS) {
    this.#start = start;
    this.#largest = capacity;
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#packs.size;
  }

  get keys(): number {
    return this.#packOf.size;
  }

  /** How many keys are held back, because the relay takes no more subscriptions. */
  get held(): number {
    return [...this.#packs.values()].slice(this.#most).reduce((sum, { pubkeys }) => sum + pubkeys.size, 0);
  }

  /** Whether nothing is left to ask for or to wait for, but what is held back. */
  get settled(): boolean {
    return [...this.#packs.values()].slice(0, this.#most).every(({ state }) => state === "heard");
  }

  /** Whether something was refused for no reason that smaller or fewer subscriptions would help: see `retry`. */
  get refusing(): boolean {
    return [...this.#packs.values()].some(({ state }) => state === "refused");
  }

  /** The subscriptions that the relay has confirmed as they are now. */
  heard(): { id: string; pubkeys: string[] }[] {
    return [...this.#packs]
      .filter(([, { state }]) => state === "heard")
      .map(([id, { pubkeys }]) => ({ id, pubkeys: [...pubkeys] }));
  }

  hears(pubkey: string): boolean {
    return this.#of(pubkey)?.[1].state === "heard";
  }

  has(id: string): boolean {
    return this.#packs.has(id);
  }

  add(pubkey: string): void {
    if (this.#packOf.has(pubkey)) return;
    const [id, pack] = this.#withRoom();
    this.#put(pubkey, id, pack);
  }

  delete(pubkey: string): void {
    const [id, pack] = this.#of(pubkey) ?? [];
    if (id === undefined || !pack) return;
    this.#packOf.delete(pubkey);
    pack.pubkeys.delete(pubkey);
    this.#roomy.add(id);
    change(pack);
    if (pack.pubkeys.size === 0) this.#drop(id, pack);
  }

  /** The subscription of this key is to be sent again, as it is. */
  renew(pubkey: string): void {
    const [, pack] = this.#of(pubkey) ?? [];
    if (pack) change(pack);
  }

  /** What to send now. Each REQ is to be followed by `confirmed` or `refused`. */
  next(): Changes {
    this.#concludeCount();
    this.#fill();
    const close = this.#emptied;
    this.#emptied = [];
    const request: Changes["request"] = [];
    const eligible = [...this.#packs].slice(0, this.#most);
    let asked = eligible.filter(([, { state }]) => state === "asked").length;
    // The largest first: what is refused afterwards is refused for another reason than its size.
    const due = eligible
      .filter(([, { state }]) => state === "due")
      .sort(([, a], [, b]) => sizeOf(b) - sizeOf(a));
    for (const [id, pack] of due) {
      const isTrial = sizeOf(pack) > this.#proven;
      if (asked >= (isTrial ? 1 : MOST_ASKED) || (isTrial && this.refusing)) continue;
      Object.assign(pack, { state: "asked", sent: true, dirty: false });
      request.push({ id, pubkeys: [...pack.pubkeys] });
      asked++;
      if (isTrial) break;
    }
    return { request, close };
  }

  /** The relay took `id`. */
  confirmed(id: string): void {
    const pack = this.#packs.get(id);
    if (pack?.state !== "asked") return;
    pack.state = pack.dirty ? "due" : "heard";
    pack.taken = true;
    if (!pack.dirty) this.#proven = Math.max(this.#proven, sizeOf(pack));
    this.#concludeCount();
    // It took one more than was known: perhaps it takes all.
    if (this.settled && this.#most > this.#knownMost) this.#knownMost = this.#most++;
  }

  /** The relay did not take `id`. */
  refused(id: string, reason: Refusal): void {
    const pack = this.#packs.get(id);
    if (!pack) return;
    const size = sizeOf(pack);
    pack.state = "refused";
    if (reason === "wait" || reason === "auth") return;
    if (reason === "size" || (reason === "unknown" && size > this.#proven)) {
      this.#proven = Math.min(this.#proven, size - 1);
      // If not even one value is taken, size is not the reason.
      this.#capacity = size > 1 ? 2 ** Math.floor(Math.log2(size - 1)) : this.#largest;
      this.#repack([...this.#packs].filter(([, pack]) => size === 1 || sizeOf(pack) > this.#capacity));
      if (size === 1) for (const pack of this.#packs.values()) pack.state = "refused";
      return;
    }
    if (!pack.taken) pack.state = "full";
    this.#concludeCount();
  }

  /** Asks again for what was refused, and for what has had no answer. */
  retry(): void {
    for (const pack of this.#packs.values()) if (pack.state !== "heard") pack.state = "due";
  }

  /** Tries one subscription more than the relay is known to take. */
  probe(): void {
    if (this.#packs.size > this.#most) this.#most = this.#knownMost + 1;
  }

  /** The connection is gone, and with it all that the relay knew. */
  lost(): void {
    this.#proven = 0;
    this.#emptied = [];
    for (const pack of this.#packs.values())
      Object.assign(pack, { state: "due", sent: false, taken: false, dirty: false });
  }

  /** Once every other is answered: those that were taken are as many as the relay takes. */
  #concludeCount(): void {
    const packs = [...this.#packs.values()];
    if (!packs.some(({ state }) => state === "full") || packs.some(({ state }) => state === "asked")) return;
    const taken = packs.filter(({ taken }) => taken).length;
    for (const pack of packs) if (pack.state === "full") pack.state = taken > 0 ? "due" : "refused";
    if (taken === 0) return;
    this.#most = taken;
    if (taken < this.#knownMost) this.#repack([...this.#packs]);
    // The places are theirs who have them: to ask again for another would be refused for ever.
    else this.#packs = new Map([...this.#packs].sort(([, a], [, b]) => Number(b.taken) - Number(a.taken)));
    this.#knownMost = taken;
  }

  /** Takes these apart and packs their keys anew, in the order in which this relay prefers them. */
  #repack(packs: [string, Pack][]): void {
    const moving = packs.flatMap(([, { pubkeys }]) => [...pubkeys]);
    for (const pubkey of moving) this.#packOf.delete(pubkey);
    for (const [id, pack] of packs) this.#drop(id, pack);
    moving.sort();
    const first = Math.floor(this.#start * moving.length);
    for (const pubkey of [...moving.slice(first), ...moving.slice(0, first)]) this.add(pubkey);
  }

  /** Moves keys that are held back to where room has become free. */
  #fill(): void {
    if (this.#packs.size <= this.#most) return;
    const packs = [...this.#packs];
    const room = packs.slice(0, this.#most).filter(([, pack]) => sizeOf(pack) < this.#capacity);
    if (room.length === 0) return;
    const held = packs.slice(this.#most).flatMap(([, { pubkeys }]) => [...pubkeys]);
    for (const pubkey of held) {
      const [id, pack] = room.find(([, pack]) => sizeOf(pack) < this.#capacity) ?? [];
      if (id === undefined || !pack) return;
      this.delete(pubkey);
      this.#put(pubkey, id, pack);
    }
  }

  #put(pubkey: string, id: string, pack: Pack): void {
    pack.pubkeys.add(pubkey);
    this.#packOf.set(pubkey, id);
    if (sizeOf(pack) >= this.#capacity) this.#roomy.delete(id);
    change(pack);
  }

  #of(pubkey: string): [string, Pack] | undefined {
    const id = this.#packOf.get(pubkey);
    const pack = id === undefined ? undefined : this.#packs.get(id);
    return id !== undefined && pack ? [id, pack] : undefined;
  }

  #withRoom(): [string, Pack] {
    for (const id of this.#roomy) {
      const pack = this.#packs.get(id);
      if (pack && sizeOf(pack) < this.#capacity) return [id, pack];
      this.#roomy.delete(id);
    }
    const id = `bunkers-${++this.#serial}`;
    const pack = newPack();
    this.#packs.set(id, pack);
    this.#roomy.add(id);
    return [id, pack];
  }

  #drop(id: string, { sent }: Pack): void {
    this.#packs.delete(id);
    this.#roomy.delete(id);
    if (sent) this.#emptied.push(id);
  }
}
