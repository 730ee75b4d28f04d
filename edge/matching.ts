/**
 * Who meets whom: people in, pairs out, longest wait first. No clock of its own (times are given, in milliseconds,
 * and do not go backwards), no sockets.
 *
 * What keeps it cheap: whoever may be paired is paired at once, so those left waiting have all skipped one another;
 * that is nearly always nobody or one. A newcomer is compared with each of them, and every comparison but the last
 * meets a recent skip of the newcomer's own: a ticket costs O(1 + its recent skips), amortised.
 */

/** Two ids: `longer` was in the queue before `shorter`. */
export type Pair = { longer: string; shorter: string };

/** The time after a skip in which the two are kept apart. */
type Window = Pair & { until: number };

export class Matching {
  readonly #rematchWindow: number;
  /** In the order in which they came. */
  readonly #waiting = new Set<string>();
  /** In the order in which they end, which is the order of insertion, as all are equally long. */
  readonly #windows = new Map<string, Window>();
  #due = Number.POSITIVE_INFINITY;

  /** @param rematchWindow how long a skip keeps two people apart, in milliseconds */
  constructor(rematchWindow: number) {
    this.#rematchWindow = rematchWindow;
  }

  /** From when on `advance` has somebody to pair though nobody comes; infinity if that is never. */
  get due(): number {
    return this.#due;
  }

  /** Longest wait first. */
  get waiting(): Iterable<string> {
    return this.#waiting;
  }

  has(id: string): boolean {
    return this.#waiting.has(id);
  }

  /** Keeps two people, neither of whom is waiting, apart for the rematch window, which starts at `at`. */
  skip(one: string, other: string, at: number): void {
    const key = pairKey(one, other);
    this.#windows.delete(key);
    this.#windows.set(key, { longer: one, shorter: other, until: at + this.#rematchWindow });
  }

  /** Takes somebody out of the queue, or does nothing. */
  leave(id: string): void {
    this.#waiting.delete(id);
  }

  /** Puts somebody at the end of the queue, or leaves them in their place. Returns whom that pairs, and who was due. */
  enter(id: string, now: number): Pair[] {
    const pairs = this.advance(now);
    if (this.has(id)) return pairs;
    let due = this.#due;
    for (const other of this.#waiting) {
      const window = this.#windows.get(pairKey(id, other));
      if (!window) {
        this.leave(other);
        return [...pairs, { longer: other, shorter: id }];
      }
      due = Math.min(due, window.until);
    }
    this.#waiting.add(id);
    this.#due = due;
    return pairs;
  }

  /** Forgets the windows that are over by `now`, and pairs the waiting whom they kept apart. */
  advance(now: number): Pair[] {
    const freed: Pair[] = [];
    for (const [key, window] of this.#windows) {
      if (window.until > now) break;
      this.#windows.delete(key);
      if (this.has(window.longer) && this.has(window.shorter)) freed.push(window);
    }
    if (now < this.#due) return [];
    const pairs = this.#longestFirst(freed).filter(({ longer, shorter }) => {
      if (!this.has(longer) || !this.has(shorter)) return false;
      this.leave(longer);
      this.leave(shorter);
      return true;
    });
    this.#due = this.#earliestEnd();
    return pairs;
  }

  /** Every other two of the waiting are still kept apart: taken in this order, each gets the longest waiting it may meet. */
  #longestFirst(pairs: Pair[]): Pair[] {
    const place = new Map([...this.#waiting].map((id, index) => [id, index]));
    const placeOf = (id: string) => place.get(id) ?? 0;
    return pairs
      .map(({ longer: one, shorter: other }) =>
        placeOf(one) < placeOf(other) ? { longer: one, shorter: other } : { longer: other, shorter: one },
      )
      .sort((p, q) => placeOf(p.longer) - placeOf(q.longer) || placeOf(p.shorter) - placeOf(q.shorter));
  }

  #earliestEnd(): number {
    const waiting = [...this.#waiting];
    const ends = waiting.flatMap((one, index) =>
      waiting.slice(index + 1).map((other) => this.#windows.get(pairKey(one, other))?.until ?? 0),
    );
    return Math.min(Number.POSITIVE_INFINITY, ...ends);
  }
}

const pairKey = (one: string, other: string): string => (one < other ? `${one} ${other}` : `${other} ${one}`);
