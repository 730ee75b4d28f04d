/**
 * Keys that a passphrase encrypts (NIP-49), on their way to be opened: each takes a core a fraction of a second
 * and tens of megabytes, by design, so that a few at a time are opened, in threads, and nobody waits for them.
 */
import { availableParallelism } from "node:os";
import type { Logger } from "./log.ts";

/** The event loop keeps a core to itself, where there are several. */
const MOST_AT_ONCE = Math.max(1, Math.min(4, availableParallelism() - 1));
const PROGRESS_MS = 1_000;

export class SlowLane<T> {
  #open: (item: T) => Promise<void>;
  #log: Logger;
  #waiting = new Set<T>();
  #opening = 0;
  /** Of those that were added since nothing was left to do. */
  #begun = 0;
  #all = 0;
  #reportedAt = Number.NEGATIVE_INFINITY;

  /** @param open must not reject */
  constructor(open: (item: T) => Promise<void>, log: Logger) {
    this.#open = open;
    this.#log = log;
  }

  add(item: T): void {
    this.#waiting.add(item);
    this.#all++;
    while (this.#opening < MOST_AT_ONCE && this.#waiting.size > 0) void this.#work();
  }

  /** What is being opened already goes on. */
  clear(): void {
    this.#waiting.clear();
  }

  async #work(): Promise<void> {
    this.#opening++;
    for (const item of this.#waiting) {
      this.#waiting.delete(item);
      this.#begun++;
      this.#report();
      await this.#open(item);
    }
    this.#opening--;
    if (this.#opening > 0) return;
    this.#begun = 0;
    this.#all = 0;
  }

  #report(): void {
    const now = performance.now();
    if (this.#all === 1 || (now - this.#reportedAt < PROGRESS_MS && this.#begun > 1)) return;
    this.#reportedAt = now;
    this.#log.info(`opening key ${this.#begun} of ${this.#all} that a passphrase encrypts`);
  }
}
