/**
 * How fast somebody may go on: a bucket of `burst` tokens, refilled at `perSecond`. Times are given, in milliseconds.
 */
export class TokenBucket {
  readonly #burst: number;
  readonly #perSecond: number;
  #tokens: number;
  #at = 0;

  constructor({ burst, perSecond }: { burst: number; perSecond: number }) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#tokens = burst;
  }

  /** Takes `cost` tokens (at most `burst`): 0; or, without so many, takes none and says for how many seconds to wait. */
  take(now: number, cost = 1): number {
    const elapsed = Math.max(0, now - this.#at) / 1_000;
    this.#tokens = Math.min(this.#burst, this.#tokens + elapsed * this.#perSecond);
    this.#at = now;
    if (this.#tokens < cost) return (cost - this.#tokens) / this.#perSecond;
    this.#tokens -= cost;
    return 0;
  }

  /** Takes tokens for what is done already; those that are not there are owed. */
  spend(cost: number): void {
    this.#tokens -= cost;
  }
}
