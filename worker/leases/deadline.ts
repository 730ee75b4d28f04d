/**
 * Until when a worker may rely on what it holds, by its own clocks alone. It is counted by the monotonic clock and by
 * the time of day, whichever has gone further: the one stands still while a machine is suspended, the other may be
 * set back.
 */

/** A moment by both clocks, in milliseconds. */
export interface Moment {
  monotonic: number;
  wall: number;
}

export type Clock = () => Moment;

export const systemClock: Clock = () => ({ monotonic: performance.now(), wall: Date.now() });

export class Deadline {
  #clock: Clock;
  #since: Moment;
  #lasts = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock();
  }

  get hasPassed(): boolean {
    return this.remaining <= 0;
  }

  /** Milliseconds; negative when it has passed. */
  get remaining(): number {
    const { monotonic, wall } = this.#clock();
    return this.#lasts - Math.max(monotonic - this.#since.monotonic, wall - this.#since.wall);
  }

  /** Is so many milliseconds after a moment from now on: that at which the lease was asked for, or before. */
  set(since: Moment, lasts: number): void {
    this.#since = since;
    this.#lasts = lasts;
  }

  /** Is at most so many milliseconds away from now on. */
  shorten(lasts: number): void {
    if (this.remaining > lasts) this.set(this.#clock(), lasts);
  }
}
