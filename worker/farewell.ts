/**
 * Keys that are served no more. Each still says so to who asks, for a while, rather than leave a client waiting
 * for nothing. Then its secret is forgotten.
 */
import type { LocalKey } from "./keys.ts";

export interface Leaving {
  npub: string;
  key: LocalKey;
  until: number;
}

const FAREWELL_MS = 60_000;
/** Keys in ten subscriptions, and in one. */
const ROOM = 10_000;
const SUBSCRIPTION = 1_000;
/** Milliseconds between two looks at who has had its time. */
const LOOK_MS = 1_000;

export class Farewell {
  /** By public key (hex), the oldest first. */
  #leaving = new Map<string, Leaving>();
  #timer: NodeJS.Timeout | undefined;
  #onSilent: (pubkeys: string[]) => void;
  #now: () => number;

  /** @param onSilent is told of keys (hex) that say nothing any more */
  constructor(onSilent: (pubkeys: string[]) => void, now: () => number) {
    this.#onSilent = onSilent;
    this.#now = now;
  }

  get size(): number {
    return this.#leaving.size;
  }

  get(pubkey: string): Leaving | undefined {
    return this.#leaving.get(pubkey);
  }

  add(npub: string, key: LocalKey): void {
    this.#leaving.set(key.pubkey, { npub, key, until: this.#now() + FAREWELL_MS });
    this.#watch();
  }

  /** The key, which stays after all. */
  take(pubkey: string): LocalKey | undefined {
    const found = this.#leaving.get(pubkey);
    this.#leaving.delete(pubkey);
    return found?.key;
  }

  /** Has some go without a further word, and returns them. */
  drop(isGone: (npub: string) => boolean): LocalKey[] {
    const gone = [...this.#leaving.values()].filter(({ npub }) => isGone(npub)).map(({ key }) => key);
    for (const { pubkey } of gone) this.#leaving.delete(pubkey);
    return gone;
  }

  /** Has the oldest go early where they would need a subscription of their own beside so many keys that are served. */
  giveWay(served: number): void {
    const room = Math.max(ROOM, Math.ceil(served / SUBSCRIPTION) * SUBSCRIPTION) - served;
    this.#part((_, left) => left > room);
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const { key } of this.#leaving.values()) key.destroy();
    this.#leaving.clear();
  }

  #watch(): void {
    const [oldest] = this.#leaving.values();
    if (!oldest) return;
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        const now = this.#now();
        this.#part(({ until }) => until <= now);
        this.#watch();
      },
      Math.max(LOOK_MS, oldest.until - this.#now()),
    );
  }

  #part(isOver: (oldest: Leaving, left: number) => boolean): void {
    const silent: string[] = [];
    for (const [pubkey, leaving] of this.#leaving) {
      if (!isOver(leaving, this.#leaving.size)) break;
      leaving.key.destroy();
      this.#leaving.delete(pubkey);
      silent.push(pubkey);
    }
    if (silent.length > 0) this.#onSilent(silent);
  }
}
