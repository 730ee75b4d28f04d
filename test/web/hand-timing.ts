/** Time that passes when a test says so. It begins now, as what is signed has to be of today. */
import type { Timing } from "../../web/client/timing.ts";

type Timer = { due: number; what: () => void };

export class HandTiming implements Timing {
  /** What `random` gives. */
  chance = 0.5;
  #now = Date.now();
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  random(): number {
    return this.chance;
  }

  after(ms: number, what: () => void): () => void {
    const timer = { due: this.#now + ms, what };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** For how long each timer still runs, the shortest first. */
  get pending(): number[] {
    return [...this.#timers].map(({ due }) => due - this.#now).sort((a, b) => a - b);
  }

  /** So many milliseconds pass. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [first] = [...this.#timers].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due);
      if (!first) break;
      this.#timers.delete(first);
      this.#now = first.due;
      first.what();
    }
    this.#now = end;
  }
}
