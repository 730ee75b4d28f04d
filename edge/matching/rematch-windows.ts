/** Who has skipped whom of late, and until when that keeps the two apart. All times in milliseconds. */

/** Ends of windows, by a name of the one, then by a name of the other. */
type Ends = Map<string, Map<string, number>>;

export class RematchWindows {
  readonly #length: number;
  /** The recent, and those that were recent one length ago, which is all that may still count. */
  #recent: Ends = new Map();
  #older: Ends = new Map();
  #turnsAt = Number.NEGATIVE_INFINITY;

  constructor(length: number) {
    this.#length = length;
  }

  /** Opens the window of two people who have these names, from `at` on, which is not in the future. */
  open(one: readonly string[], other: readonly string[], at: number): void {
    const end = at + this.#length;
    for (const name of one) {
      const ends = this.#recent.get(name) ?? new Map<string, number>();
      this.#recent.set(name, ends);
      for (const otherName of other) ends.set(otherName, Math.max(end, ends.get(otherName) ?? end));
    }
  }

  /** When the last window of two people ends, or has ended. A name that both have tells them from nobody. */
  end(one: readonly string[], other: readonly string[]): number {
    return Math.max(
      lastEnd(this.#recent, one, other),
      lastEnd(this.#recent, other, one),
      lastEnd(this.#older, one, other),
      lastEnd(this.#older, other, one),
    );
  }

  /** Forgets what is over by `now`, sooner or later. */
  forget(now: number): void {
    if (now < this.#turnsAt) return;
    this.#older = this.#recent;
    this.#recent = new Map();
    this.#turnsAt = now + this.#length;
  }
}

function lastEnd(all: Ends, one: readonly string[], other: readonly string[]): number {
  let last = Number.NEGATIVE_INFINITY;
  for (const name of one) {
    const ends = all.get(name);
    if (!ends || other.includes(name)) continue;
    for (const otherName of other) {
      if (!one.includes(otherName)) last = Math.max(last, ends.get(otherName) ?? last);
    }
  }
  return last;
}
