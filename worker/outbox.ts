/** Replies kept until a relay says OK (NIP-01), to be sent again after a reconnect, or when it does not take them yet. */

/** Nobody waits for older ones. */
const AGE_SECONDS = 60;
const SIZE = 10_000;

export interface Pending {
  id: string;
  frame: string;
}

interface Item extends Pending {
  /** Of which key (hex) the event is. */
  author: string;
  /** In the order in which they came. */
  serial: number;
  /** Seconds since 1970. */
  at: number;
  onTaken: (() => void) | undefined;
  /** Whether the relay did not take it when it was sent last. */
  held: boolean;
}

export class Outbox {
  /**
   * By the first byte of the id. A Map would do, but it lays out a new table whenever so many have come and gone, and
   * each table that it has left keeps the next one alive, and what was in that, until the garbage collector goes
   * through everything.
   */
  #items: Item[][] = Array.from({ length: 256 }, () => []);
  #size = 0;
  #serial = 0;

  /** @param id hex, the hash of the event */
  put(id: string, author: string, frame: string, onTaken?: () => void): void {
    const items = this.#alike(id);
    items.push({ id, frame, author, serial: this.#serial++, at: seconds(), onTaken, held: false });
    this.#size += 1;
    // Not the oldest of all, but the oldest of those that begin alike, which are as many as any.
    if (this.#size > SIZE) this.#take(items, 0);
  }

  has(id: string): boolean {
    return this.#find(id) !== undefined;
  }

  /** The relay has answered for good. */
  settle(id: string, taken: boolean): void {
    const items = this.#alike(id);
    const item = this.#take(
      items,
      items.findIndex((item) => item.id === id),
    );
    if (taken) item?.onTaken?.();
  }

  /** The relay does not take it now; it may later. */
  hold(id: string): void {
    const item = this.#find(id);
    if (item) item.held = true;
  }

  /** What these keys (hex) have said is not to be said again. */
  withdraw(authors: ReadonlySet<string>): void {
    this.#keep(({ author }) => !authors.has(author));
  }

  /** What to send again after a reconnect, in the order in which it came. */
  pending(): Pending[] {
    return this.#select(({ held }) => !held);
  }

  /** What to send again of what is held, the oldest first: at most so many, which are held no more. */
  release(most = Number.POSITIVE_INFINITY): Pending[] {
    const released = this.#select(({ held }) => held).slice(0, most);
    for (const item of released) item.held = false;
    return released;
  }

  /** Those whose ids begin alike. A relay may say anything instead of an id: that is looked for among them, too. */
  #alike(id: string): Item[] {
    return this.#items[Number.parseInt(id.slice(0, 2), 16) & 0xff] ?? [];
  }

  #find(id: string): Item | undefined {
    return this.#alike(id).find((item) => item.id === id);
  }

  #take(items: Item[], index: number): Item | undefined {
    if (index < 0) return undefined;
    this.#size -= 1;
    return items.splice(index, 1)[0];
  }

  #keep(isWanted: (item: Item) => boolean): void {
    this.#items = this.#items.map((items) => items.filter(isWanted));
    this.#size = this.#items.reduce((sum, { length }) => sum + length, 0);
  }

  #select(isWanted: (item: Item) => boolean): Item[] {
    const now = seconds();
    this.#keep(({ at }) => now - at < AGE_SECONDS);
    return this.#items
      .flat()
      .filter(isWanted)
      .sort((a, b) => a.serial - b.serial);
  }
}

/** Whole ones: V8 has to allocate a number that is larger than 31 bits. */
const seconds = (): number => Math.floor(Date.now() / 1_000);
