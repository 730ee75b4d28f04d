/**
 * When, and how many at a time, a relay is sent again what it did not take yet: ever fewer, and after ever longer,
 * while it takes none; more, and soon, once it takes them.
 */

/** Milliseconds between two rounds. */
const SHORTEST_MS = 500;
const LONGEST_MS = 8_000;
/** Of one round; the first has twice the fewest. */
const FEW = 4;
const MOST = 128;

export class Resending {
  #resend: (most: number) => string[];
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = SHORTEST_MS;
  #most = FEW;
  /** Ids of the last round that are not taken: those without an answer count as refused. */
  #open = new Set<string>();

  /** @param resend sends at most so many again of those that wait, and returns their ids */
  constructor(resend: (most: number) => string[]) {
    this.#resend = resend;
  }

  /** There is something to send again. */
  later(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#next();
    }, this.#pauseMs);
  }

  taken(id: string): void {
    // V8 keeps each string that it looks up in a Set, also in an empty one.
    if (this.#open.size > 0) this.#open.delete(id);
  }

  /** What happened before says nothing any more. */
  reset(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#open.clear();
    this.#pauseMs = SHORTEST_MS;
    this.#most = FEW;
  }

  #next(): void {
    const refused = this.#open.size > 0;
    this.#pauseMs = refused ? Math.min(LONGEST_MS, this.#pauseMs * 2) : SHORTEST_MS;
    this.#most = refused ? Math.max(1, this.#most / 2) : Math.min(MOST, this.#most * 2);
    this.#open = new Set(this.#resend(this.#most));
    if (this.#open.size > 0) this.later();
    else this.reset();
  }
}
