/** Replies kept until a relay says OK (NIP-01), to be sent again after a reconnect. */

/** Nobody waits for older ones. */
const AGE_MS = 60_000;
const SIZE = 10_000;

interface Item {
  /** Of which key (hex) the event is. */
  author: string;
  frame: string;
  at: number;
  onTaken: (() => void) | undefined;
}

export class Outbox {
  #items = new Map<string, Item>();

  put(id: string, author: string, frame: string, onTaken?: () => void): void {
    this.#items.set(id, { author, frame, at: Date.now(), onTaken });
    const [oldest] = this.#items.size > SIZE ? this.#items.keys() : [];
    if (oldest) this.#items.delete(oldest);
  }

  has(id: string): boolean {
    return this.#items.has(id);
  }

  /** The relay has answered for good. */
  settle(id: string, taken: boolean): void {
    if (taken) this.#items.get(id)?.onTaken?.();
    this.#items.delete(id);
  }

  /** What these keys (hex) have said is not to be said again. */
  withdraw(authors: ReadonlySet<string>): void {
    for (const [id, { author }] of this.#items) if (authors.has(author)) this.#items.delete(id);
  }

  /** What to send again. */
  pending(): { id: string; frame: string }[] {
    for (const [id, { at }] of this.#items) if (at <= Date.now() - AGE_MS) this.#items.delete(id);
    return [...this.#items].map(([id, { frame }]) => ({ id, frame }));
  }
}
