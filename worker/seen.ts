/** Which events were handled lately: for at least a time, and bounded. By generations, so that none is looked for. */

/** The more, the less is kept for longer than it has to be, and the more are looked through for each event. */
const GENERATIONS = 2;

export class Seen {
  /** The youngest first: one that is being filled, and as many as make up the time. */
  #generations: Set<number>[] = [new Set()];
  #begun: number;
  #lengthMs: number;
  #size: number;
  #now: () => number;

  /**
   * @param timeMs for how long at least, unless there are more than `most` in that time
   * @param now milliseconds
   */
  constructor({ timeMs, most, now }: { timeMs: number; most: number; now(): number }) {
    this.#lengthMs = timeMs / GENERATIONS;
    this.#size = Math.ceil(most / GENERATIONS);
    this.#now = now;
    this.#begun = now();
  }

  /** @param name of the event, as `nameOf` has it */
  has(name: number): boolean {
    for (const generation of this.#generations) if (generation.has(name)) return true;
    return false;
  }

  add(name: number): void {
    this.#turnOver();
    this.#generations[0]?.add(name);
  }

  delete(name: number): void {
    for (const generation of this.#generations) generation.delete(name);
  }

  #turnOver(): void {
    const passed = Math.floor((this.#now() - this.#begun) / this.#lengthMs);
    const isFull = (this.#generations[0]?.size ?? 0) >= this.#size;
    if (passed < 1 && !isFull) return;
    const fresh = Array.from(
      { length: Math.min(Math.max(1, passed), GENERATIONS + 1) },
      () => new Set<number>(),
    );
    this.#generations = [...fresh, ...this.#generations].slice(0, GENERATIONS + 1);
    this.#begun = this.#now();
  }
}

/**
 * What an event is known by: a number, for V8 keeps each string that it looks up in a Set in a table of its own as well.
 *
 * @param id hex, the hash of the event (NIP-01). Of its 256 bits these are 52: of ten billion events, one has those of one
 *   of 360,000 others
 */
export const nameOf = (id: string): number => Number.parseInt(id.slice(0, 13), 16);
