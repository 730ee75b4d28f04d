/**
 * How often a relay is told what has changed: at once where little was said lately; and while much changes, together
 * with all that has changed meanwhile, because a subscription is sent whole for each of its keys.
 */

const SHORTEST_MS = 250;
/** Keys a millisecond that a relay is told of again: five subscriptions of a thousand keys, 340 KB, a second. */
const REPEATED_PER_MS = 5;
/** What was deleted may wait: what a relay delivers in vain costs little. */
const TIDY_MS = 10_000;

export class Cadence {
  #gather: () => void;
  #tidy: () => void;
  #gathering: NodeJS.Timeout | undefined;
  #tidying: NodeJS.Timeout | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;
  #repeated = 0;

  constructor(gather: () => void, tidy: () => void) {
    this.#gather = gather;
    this.#tidy = tidy;
  }

  /** There is something to gather. */
  gatherSoon(): void {
    const pause = Math.max(SHORTEST_MS, this.#repeated / REPEATED_PER_MS);
    this.#gathering ??= setTimeout(
      () => this.gatherNow(),
      Math.max(0, this.#toldAt + pause - performance.now()),
    );
  }

  gatherNow(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#repeated = 0;
    this.#gather();
  }

  /** There is something to tidy up. */
  tidyLater(): void {
    this.#tidying ??= setTimeout(() => {
      this.#tidying = undefined;
      this.#tidy();
    }, TIDY_MS);
  }

  /** The relay was told, and of so many keys for which it listened already. */
  told(repeated: number): void {
    this.#toldAt = performance.now();
    this.#repeated += repeated;
  }

  close(): void {
    clearTimeout(this.#gathering);
    clearTimeout(this.#tidying);
  }
}
