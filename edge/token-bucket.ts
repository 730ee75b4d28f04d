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

  /** Takes one token: 0; or, with none there, takes nothing and says after how many seconds to come back. */
  take(now: number): number {
    const elapsed = Math.max(0, now - this.#at) / 1_000;
    this.#tokens = Math.min(this.#burst, this.#tokens + elapsed * this.#perSecond);
    this.#at = now;
    if (this.#tokens < 1) return (1 - this.#tokens) / this.#perSecond;
    this.#tokens -= 1;
    return 0;
  }
}
