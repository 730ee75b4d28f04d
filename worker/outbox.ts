/** Replies kept until a relay says OK (NIP-01), to be sent again after a reconnect, or when it does not take them yet. */

/** Nobody waits for older ones. */
const AGE_MS = 60_000;
const SIZE = 10_000;

interface Item {
  /** Of which key (hex) the event is. */
  author: string;
  frame: string;
  at: number;
  onTaken: (() => void) | undefined;
  /** Whether the relay did not take it when it was sent last. */
  held: boolean;
}

export interface Pending {
  id: string;
  frame: string;
}

export class Outbox {
  #items = new Map<string, Item>();

  put(id: string, author: string, frame: string, onTaken?: () => void): void {
    this.#items.set(id, { author, frame, at: Date.now(), onTaken, held: false });
    const [oldest] = this.#items.size > SIZE ? this.#items.keys() : [];
    if (oldest) this.#items.delete(oldest);
  }

  has(id: string): boolean {
    return this.#items.has(id);
  }

  /** The relay has answered for good. */
  settle(id: string, taken: boolean): void {
    const item = this.#items.get(id);
    if (!item) return;
    this.#items.delete(id);
    // The tables that a Map has outgrown keep what was in them from being collected: they are not to keep the text.
    item.frame = "";
    if (taken) item.onTaken?.();
  }

  /** The relay does not take it now; it may later. */
  hold(id: string): void {
    const item = this.#items.get(id);
    if (item) item.held = true;
  }

  /** What these keys (hex) have said is not to be said again. */
  withdraw(authors: ReadonlySet<string>): void {
    for (const [id, { author }] of this.#items) if (authors.has(author)) this.#items.delete(id);
  }

  /** What to send again after a reconnect. */
  pending(): Pending[] {
    return this.#select(({ held }) => !held, Number.POSITIVE_INFINITY);
  }

  /** What to send again of what is held, the oldest first: at most so many, which are held no more. */
  release(most = Number.POSITIVE_INFINITY): Pending[] {
    const released = this.#select(({ held }) => held, most);
    for (const { id } of released) Object.assign(this.#items.get(id) ?? {}, { held: false });
    return released;
  }

  #select(isWanted: (item: Item) => boolean, most: number): Pending[] {
    const selected: Pending[] = [];
    for (const [id, item] of this.#items) {
      if (item.at <= Date.now() - AGE_MS) this.#items.delete(id);
      else if (selected.length < most && isWanted(item)) selected.push({ id, frame: item.frame });
    }
    return selected;
  }
}
