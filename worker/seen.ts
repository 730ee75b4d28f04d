/** Which events were handled lately: for at least a time, and bounded. By generations, so that none is looked for. */

const GENERATIONS = 4;

export class Seen {
  /** The youngest first: one that is being filled, and as many as make up the time. */
  #generations: Set<string>[] = [new Set()];
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
  has(name: string): boolean {
    for (const generation of this.#generations) if (generation.has(name)) return true;
    return false;
  }

  add(name: string): void {
    this.#turnOver();
    this.#generations[0]?.add(name);
  }

  delete(name: string): void {
    for (const generation of this.#generations) generation.delete(name);
  }

  #turnOver(): void {
    const passed = Math.floor((this.#now() - this.#begun) / this.#lengthMs);
    const isFull = (this.#generations[0]?.size ?? 0) >= this.#size;
    if (passed < 1 && !isFull) return;
    const fresh = Array.from(
      { length: Math.min(Math.max(1, passed), GENERATIONS + 1) },
      () => new Set<string>(),
    );
    this.#generations = [...fresh, ...this.#generations].slice(0, GENERATIONS + 1);
    this.#begun = this.#now();
  }
}

/** What an event is known by: 16 of the 32 bytes of its id (hex), in a quarter of the memory. No second hash begins alike. */
export const nameOf = (id: string): string => {
  const length = half.write(id, 0, half.length, "hex");
  return half.toString("latin1", 0, length);
};
const half = Buffer.alloc(16);
