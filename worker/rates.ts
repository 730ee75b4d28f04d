/** Rate limits by token bucket, for whatever has a name: clients, keys, tokens. Bounded in number. */
import { LRUCache } from "lru-cache";

export interface Rate {
  /** How many at once, and how many a second from then on. */
  burst: number;
  perSecond: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Sums of fractions may be short by their last digit: whoever has waited as long as was said has waited enough. */
const ONE = 1 - 1e-9;
/** Whoever is forgotten starts with a full bucket, so this is far above how many are active at once. */
const MOST_NAMES = 100_000;

export class Rates {
  #buckets = new LRUCache<string, Bucket>({ max: MOST_NAMES });
  #now: () => number;

  /** @param now milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes one, and returns 0; or takes none, and returns the seconds after which there is one again. */
  take(name: string, { burst, perSecond }: Rate): number {
    const now = this.#now();
    const known = this.#buckets.get(name);
    const bucket = known ?? { tokens: burst, at: now };
    if (!known) this.#buckets.set(name, bucket);
    bucket.tokens = Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1_000) * perSecond);
    bucket.at = now;
    if (bucket.tokens < ONE) return (1 - bucket.tokens) / perSecond;
    bucket.tokens -= 1;
    return 0;
  }
}
