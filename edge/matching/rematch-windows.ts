/** Who has skipped whom of late, and until when that keeps the two apart. All times in milliseconds. */
export class RematchWindows {
  readonly #length: number;
  /** Ends of windows by pair: the recent, and those that were recent one length ago, which is all that may still count. */
  #recent = new Map<string, number>();
  #older = new Map<string, number>();
  #turnsAt = Number.NEGATIVE_INFINITY;

  constructor(length: number) {
    this.#length = length;
  }

  /** Opens the window of two people, from `at` on, which is not in the future. */
  open(one: string, other: string, at: number): void {
    const end = at + this.#length;
    if (end > this.end(one, other)) this.#recent.set(pairKey(one, other), end);
  }

  /** When the window of two people ends, or has ended. */
  end(one: string, other: string): number {
    const key = pairKey(one, other);
    return this.#recent.get(key) ?? this.#older.get(key) ?? Number.NEGATIVE_INFINITY;
  }

  /** Forgets what is over by `now`, sooner or later. */
  forget(now: number): void {
    if (now < this.#turnsAt) return;
    this.#older = this.#recent;
    this.#recent = new Map();
    this.#turnsAt = now + this.#length;
  }
}

const pairKey = (one: string, other: string): string => (one < other ? `${one} ${other}` : `${other} ${one}`);
