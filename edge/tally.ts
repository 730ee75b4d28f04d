/** What a lobby counts of what happens in it. Times in milliseconds. */
import { type Measures, WAIT_BUCKETS } from "./rpc.ts";

export type Counts = Pick<Measures, "matchesMade" | "waits" | "signals" | "refusals">;

/** Milliseconds over which a rate is taken. */
const WINDOW = 5_000;

export class Tally {
  readonly counts: Counts;
  #searches = { now: 0, before: 0, since: 0 };

  /** @param counts those of an earlier tally, to go on from */
  constructor(
    counts: Counts = {
      matchesMade: 0,
      waits: { buckets: WAIT_BUCKETS.map(() => 0), count: 0, sum: 0 },
      signals: 0,
      refusals: {},
    },
  ) {
    this.counts = counts;
  }

  searched(now: number): void {
    this.#turn(now);
    this.#searches.now += 1;
  }

  searchesPerSecond(now: number): number {
    this.#turn(now);
    const { before, since } = this.#searches;
    const rest = 1 - (now - since) / WINDOW;
    return (this.#searches.now + before * rest) / (WINDOW / 1_000);
  }

  /** @param wait of the side that waited longer */
  matched(wait: number): void {
    const { waits } = this.counts;
    const seconds = wait / 1_000;
    this.counts.matchesMade += 1;
    waits.buckets = waits.buckets.map((count, i) => count + (seconds <= (WAIT_BUCKETS[i] ?? 0) ? 1 : 0));
    waits.count += 1;
    waits.sum += seconds;
  }

  signaled(): void {
    this.counts.signals += 1;
  }

  refused(code: string): void {
    this.counts.refusals[code] = (this.counts.refusals[code] ?? 0) + 1;
  }

  /** Of the last window that is over, as much counts as the present one lacks to be a whole one. */
  #turn(now: number): void {
    const passed = Math.floor((now - this.#searches.since) / WINDOW);
    if (passed === 0) return;
    const { now: last, since } = this.#searches;
    this.#searches = { now: 0, before: passed === 1 ? last : 0, since: since + passed * WINDOW };
  }
}
