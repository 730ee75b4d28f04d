/**
 * How many requests an address has made: at most so many in a window, which starts with its first one. Counted in the
 * memory of whoever asks, so the limit is per instance; times are given, in milliseconds.
 */

export type Limit = { window: number; max: number };

/** Addresses remembered. Each takes some 200 bytes. */
const MAX_ADDRESSES = 20_000;

export class RequestLimit {
  /** In the order in which they end, which is that of insertion, as all are equally long. */
  readonly #windows = new Map<string, { until: number; left: number }>();

  /** Counts a request: 0; or, if there have been too many, does not, and says after how many seconds to try again. */
  take(address: string, now: number, { window, max }: Limit): number {
    this.#forget(now);
    const open = this.#windows.get(address) ?? { until: now + window, left: max };
    if (open.left === 0) return (open.until - now) / 1_000;
    open.left -= 1;
    this.#windows.set(address, open);
    return 0;
  }

  /** The windows that are over; and, where there are too many, the oldest, for whose address a new one begins. */
  #forget(now: number): void {
    for (const [address, { until }] of this.#windows) {
      if (until > now && this.#windows.size < MAX_ADDRESSES) return;
      this.#windows.delete(address);
    }
  }
}
