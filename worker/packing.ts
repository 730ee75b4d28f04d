/** Which public key is in which subscription: as few as hold them all, and few that a change touches. Pure. */
import { Pack } from "./pack.ts";

export class Packing {
  /** Values that a subscription holds at most. */
  capacity: number;
  #packs = new Map<string, Pack>();
  #packOf = new Map<string, Pack>();
  /** Those that have room, and the one of them that is filled first. */
  #roomy = new Set<Pack>();
  #filling: Pack | undefined;
  /** Those that have no keys any more, and those whose keys the relay is yet to confirm in others. */
  #emptied: string[] = [];
  #moved = new Map<string, Set<Pack>>();
  #serial = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get keys(): number {
    return this.#packOf.size;
  }

  get size(): number {
    return this.#packs.size;
  }

  /** Whether fewer would hold all keys. */
  get isLoose(): boolean {
    return this.size > Math.max(1, Math.ceil(this.keys / this.capacity));
  }

  get all(): Pack[] {
    return [...this.#packs.values()];
  }

  get(id: string): Pack | undefined {
    return this.#packs.get(id);
  }

  of(pubkey: string): Pack | undefined {
    return this.#packOf.get(pubkey);
  }

  /** Whether the keys of one are on their way to others. */
  get isMoving(): boolean {
    return this.#moved.size > 0;
  }

  /** Whether the relay may listen under this id. */
  has(id: string): boolean {
    return this.#packs.has(id) || this.#moved.has(id);
  }

  add(pubkey: string): void {
    if (!this.#packOf.has(pubkey)) this.#put(pubkey, this.#withRoom());
  }

  delete(pubkey: string): void {
    const pack = this.#packOf.get(pubkey);
    if (!pack) return;
    this.#packOf.delete(pubkey);
    pack.delete(pubkey);
    this.#roomy.add(pack);
    if (pack.size === 0) this.#drop(pack);
  }

  move(pubkey: string, to: Pack): void {
    this.delete(pubkey);
    this.#put(pubkey, to);
    to.ask();
  }

  /** Those that were taken stand before the others. */
  sortTaken(): void {
    this.#packs = new Map([...this.#packs].sort(([, a], [, b]) => Number(b.taken) - Number(a.taken)));
  }

  /** Takes these apart and packs their keys anew, in the order of keys from `start` (0 to 1) on. */
  repack(packs: Pack[], start: number): void {
    const moving = packs.flatMap((pack) => pack.keys());
    for (const pubkey of moving) this.#packOf.delete(pubkey);
    for (const pack of packs) this.#drop(pack);
    moving.sort();
    const first = Math.floor(start * moving.length);
    for (const pubkey of [...moving.slice(first), ...moving.slice(0, first)]) this.add(pubkey);
    for (const pack of this.#packs.values()) if (pack.hasFresh) pack.ask();
  }

  /** Moves the keys of the smallest to the others, if these have room. It is closed once they are confirmed. */
  merge(): void {
    if (!this.isLoose) return;
    const smallest = this.all.reduce((least, pack) => (pack.size < least.size ? pack : least));
    this.#forget(smallest);
    const into = new Set<Pack>();
    for (const pubkey of smallest.keys()) {
      const pack = this.#withRoom();
      if (smallest.heard.has(pubkey)) this.#put(pubkey, pack, "adopt");
      else this.#put(pubkey, pack);
      into.add(pack);
    }
    for (const pack of into) pack.ask();
    if (smallest.sent) this.#moved.set(smallest.id, into);
  }

  /** The relay listens for all that this one was asked with, or will not. */
  arrived(pack: Pack): void {
    for (const [id, into] of this.#moved) {
      into.delete(pack);
      if (into.size > 0) continue;
      this.#moved.delete(id);
      this.#emptied.push(id);
    }
  }

  /** The ids to close, each once. */
  takeEmptied(): string[] {
    return this.#emptied.splice(0);
  }

  /** The relay has ended this subscription. */
  ended(id: string): void {
    this.#moved.delete(id);
  }

  /** The relay has forgotten everything. */
  lost(): void {
    this.#emptied = [];
    this.#moved.clear();
    for (const pack of this.#packs.values()) pack.lose();
  }

  #put(pubkey: string, pack: Pack, how: "add" | "adopt" = "add"): void {
    pack[how](pubkey);
    this.#packOf.set(pubkey, pack);
    if (pack.size >= this.capacity) this.#roomy.delete(pack);
  }

  /** One is filled before the next, which is the one with the most room: so few are sent again. */
  #withRoom(): Pack {
    const { capacity } = this;
    if (this.#filling && this.#roomy.has(this.#filling) && this.#filling.size < capacity)
      return this.#filling;
    let found: Pack | undefined;
    for (const pack of this.#roomy) {
      if (pack.size >= capacity) this.#roomy.delete(pack);
      else if (!found || pack.size < found.size) found = pack;
    }
    this.#filling = found ?? this.#open();
    return this.#filling;
  }

  #open(): Pack {
    const pack = new Pack(`bunkers-${++this.#serial}`);
    this.#packs.set(pack.id, pack);
    this.#roomy.add(pack);
    return pack;
  }

  #drop(pack: Pack): void {
    this.#forget(pack);
    if (pack.sent) this.#emptied.push(pack.id);
  }

  #forget(pack: Pack): void {
    this.#packs.delete(pack.id);
    this.#roomy.delete(pack);
    this.arrived(pack);
  }
}
