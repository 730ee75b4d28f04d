/**
 * Which subscriptions to send to a relay so that it listens for some public keys, and what it takes. Pure: it
 * says which REQ and CLOSE to send next, and learns from what the relay says back. One instance per relay.
 *
 * What a relay takes is found out by asking: first how many values fit into a subscription, one subscription at
 * a time; then how many subscriptions it takes. Keys that do not fit are held back, and told of as unheard.
 *
 * A change alone has nothing sent: `gather` asks for what was added, and `tidy` lets go of what was deleted, so
 * that many changes cost few subscriptions, as often as the caller likes.
 */
import type { Pack } from "./pack.ts";
import { Packing } from "./packing.ts";
import type { Refusal } from "./refusal.ts";

/** `#p` values in one subscription until a relay asks for less. */
const MOST_KEYS = 1_000;
/** Subscriptions that are asked for at once. */
const MOST_ASKED = 10;

export interface Changes {
  /**
   * Subscriptions to (re)send whole: a REQ under a known id replaces the old one (NIP-01). For `known` keys the relay
   * listens already.
   */
  request: { id: string; known: string[]; fresh: string[] }[];
  /** Subscriptions to CLOSE. */
  close: string[];
}

export class Subscriptions {
  #packing: Packing;
  #start: number;
  #largest: number;
  /** The largest number of values that the relay has taken since it was connected. */
  #proven = 0;
  /** How many subscriptions may be asked for, and how many it is known to take. */
  #most = Number.POSITIVE_INFINITY;
  #knownMost = Number.POSITIVE_INFINITY;
  /** Whether one subscription may be too many. */
  #untidy = false;

  /** @param start from 0 to 1: where in the order of keys it begins when not all fit: relays that begin apart share them out */
  constructor(start = 0, capacity = MOST_KEYS) {
    this.#start = start;
    this.#largest = capacity;
    this.#packing = new Packing(capacity);
  }

  get size(): number {
    return this.#packing.size;
  }

  get keys(): number {
    return this.#packing.keys;
  }

  /** How many keys are held back, because the relay takes no more subscriptions. */
  get held(): number {
    return sum(this.#packing.all.slice(this.#most));
  }

  /** Subscriptions that the relay has not confirmed in any form, and how many keys are in them. */
  get unheard(): { subscriptions: number; keys: number } {
    const silent = this.#packing.all.filter(({ heard }) => heard.size === 0);
    return { subscriptions: silent.length, keys: sum(silent) };
  }

  /** Whether nothing is left to ask for or to wait for, but what is held back. */
  get settled(): boolean {
    return this.#eligible.every(({ state }) => state === "still");
  }

  /** Whether the relay has confirmed every key that it takes. */
  get caughtUp(): boolean {
    return this.settled && !this.#eligible.some(({ hasFresh }) => hasFresh);
  }

  /** Whether something was refused for no reason that smaller or fewer subscriptions would help: see `retry`. */
  get refusing(): boolean {
    return this.#packing.all.some(({ state }) => state === "refused");
  }

  /** Whether a subscription holds what was deleted, or fewer would do: see `tidy`. */
  get isUntidy(): boolean {
    return this.#isLoose || this.#packing.all.some(({ stale }) => stale);
  }

  /** The keys of each subscription that the relay has confirmed. */
  heard(): string[][] {
    return this.#packing.all.flatMap(({ heard }) => (heard.size > 0 ? [[...heard]] : []));
  }

  hears(pubkey: string): boolean {
    return this.#packing.of(pubkey)?.heard.has(pubkey) === true;
  }

  has(id: string): boolean {
    return this.#packing.has(id);
  }

  add(pubkey: string): void {
    this.#packing.add(pubkey);
  }

  delete(pubkey: string): void {
    this.#packing.delete(pubkey);
  }

  /** This key is to be asked for again: it was not heard where it should have been. */
  renew(pubkey: string): void {
    this.#packing.of(pubkey)?.doubt(pubkey);
  }

  /** What was added is to be asked for. */
  gather(): void {
    for (const pack of this.#packing.all) if (pack.hasFresh) pack.ask();
  }

  /** What was deleted is to be let go of, and a subscription to be given up if the others have room for its keys. */
  tidy(): void {
    for (const pack of this.#packing.all) if (pack.stale) pack.ask();
    this.#untidy = true;
  }

  /** What to send now. Each REQ is to be followed by `confirmed` or `refused`. */
  next(): Changes {
    this.#concludeCount();
    this.#fill();
    this.#merge();
    const close = this.#packing.takeEmptied();
    const request: Changes["request"] = [];
    let asked = this.#eligible.filter(({ state }) => state === "asked").length;
    // The largest first: what is refused afterwards is refused for another reason than its size.
    const due = this.#eligible.filter(({ state }) => state === "due").sort((a, b) => b.size - a.size);
    for (const pack of due) {
      const isTrial = pack.size > this.#proven;
      if (asked >= (isTrial ? 1 : MOST_ASKED) || (isTrial && this.refusing)) continue;
      // A new one takes the place of the one that is being given up.
      if (!pack.sent && this.#packing.isMoving) continue;
      request.push(pack.send());
      asked++;
      if (isTrial) break;
    }
    return { request, close };
  }

  /** The relay took `id`. */
  confirmed(id: string): void {
    const pack = this.#packing.get(id);
    if (pack?.state !== "asked") return;
    pack.confirm();
    this.#packing.arrived(pack);
    this.#proven = Math.max(this.#proven, pack.heard.size);
    this.#concludeCount();
    // It took one more than was known: perhaps it takes all.
    if (this.settled && this.#most > this.#knownMost) this.#knownMost = this.#most++;
  }

  /** The relay did not take `id`. */
  refused(id: string, reason: Refusal): void {
    this.#packing.ended(id);
    const pack = this.#packing.get(id);
    if (!pack) return;
    const { size } = pack;
    pack.refuse("refused");
    this.#packing.arrived(pack);
    if (reason === "wait" || reason === "auth") return;
    if (reason === "size" || (reason === "unknown" && size > this.#proven)) {
      this.#shrink(size);
      return;
    }
    if (!pack.taken) pack.refuse("full");
    this.#concludeCount();
  }

  /** Asks again for what was refused, and for what has had no answer where that will not come. */
  retry(isAnswering = true): void {
    for (const pack of this.#packing.all)
      if (["refused", "full"].includes(pack.state) || (pack.state === "asked" && !isAnswering))
        pack.refuse("due");
  }

  /** Tries one subscription more than the relay is known to take. */
  probe(): void {
    if (this.size > this.#most) this.#most = this.#knownMost + 1;
  }

  /** The connection is gone, and with it all that the relay knew. */
  lost(): void {
    this.#proven = 0;
    this.#packing.lost();
  }

  get #isLoose(): boolean {
    return this.#packing.isLoose && this.size <= this.#most;
  }

  /** Those that the relay may take. */
  get #eligible(): Pack[] {
    return this.#packing.all.slice(0, this.#most);
  }

  /** A subscription of this many values was too large. */
  #shrink(size: number): void {
    const packing = this.#packing;
    this.#proven = Math.min(this.#proven, size - 1);
    // If not even one value is taken, size is not the reason.
    packing.capacity = size > 1 ? 2 ** Math.floor(Math.log2(size - 1)) : this.#largest;
    packing.repack(
      packing.all.filter((pack) => size === 1 || pack.size > packing.capacity),
      this.#start,
    );
    if (size === 1) for (const pack of packing.all) pack.refuse("refused");
  }

  /** Once every other is answered: those that were taken are as many as the relay takes. */
  #concludeCount(): void {
    const packs = this.#packing.all;
    if (!packs.some(({ state }) => state === "full") || packs.some(({ state }) => state === "asked")) return;
    const taken = packs.filter(({ taken }) => taken).length;
    for (const pack of packs) if (pack.state === "full") pack.refuse(taken > 0 ? "due" : "refused");
    if (taken === 0) return;
    this.#most = taken;
    if (taken < this.#knownMost) this.#packing.repack(packs, this.#start);
    // The places are theirs who have them: to ask again for another would be refused for ever.
    else this.#packing.sortTaken();
    this.#knownMost = taken;
  }

  /** Moves keys that are held back to where room has become free. */
  #fill(): void {
    if (this.size <= this.#most) return;
    const room = this.#eligible.filter(({ size }) => size < this.#packing.capacity);
    if (room.length === 0) return;
    for (const pubkey of this.#packing.all.slice(this.#most).flatMap((pack) => pack.keys())) {
      const pack = room.find(({ size }) => size < this.#packing.capacity);
      if (!pack) return;
      this.#packing.move(pubkey, pack);
    }
  }

  /** While nothing is under way, so that what is confirmed next is what was moved. */
  #merge(): void {
    if (!this.#untidy || !this.settled || !this.#isLoose) return;
    this.#untidy = false;
    this.#packing.merge();
  }
}

const sum = (packs: Pack[]): number => packs.reduce((total, { size }) => total + size, 0);
