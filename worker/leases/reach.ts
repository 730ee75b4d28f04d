/** Whether clients can reach this worker: it has a relay, or had one a moment ago. Without, others should serve. */
import type { Clock } from "./deadline.ts";

/** A worker that has had no relay for so many milliseconds has none. */
const PATIENCE_MS = 10_000;

export class Reach {
  #isConnected: () => boolean;
  #clock: Clock;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(isConnected: () => boolean, clock: Clock) {
    this.#isConnected = isConnected;
    this.#clock = clock;
  }

  /** To be asked every now and then: what happens in between is not seen. */
  look(): boolean {
    const now = this.#clock().monotonic;
    if (this.#isConnected()) this.#lastAt = now;
    return now - this.#lastAt <= PATIENCE_MS;
  }
}
