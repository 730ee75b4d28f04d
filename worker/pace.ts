/**
 * Turns on the event loop. What computes for long asks for one first, so that heartbeats, the database and health
 * answers keep their pace however many requests there are.
 *
 * A few share a turn, and go through it in step: at each `await` one lets the others come as far. So what a step takes
 * of code and tables is still in the processor's caches for all but the first; one request alone, from its first step
 * to its last, would find each gone.
 */
import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * After so many milliseconds of work everything else gets its turn; what goes in step then is finished before, and is not
 * expected to take longer than that either.
 */
const SLICE_MS = 5;
/** If more went in step, what they have in hand would drive out of the caches what they share. */
const MOST_IN_STEP = 8;
/** What is expected of the next falls by this factor at most from slice to slice: after cheap ones a dear one may follow. */
const REMEMBERED = 0.9;

interface Waiting {
  wanted: number;
  begin(granted: number): void;
}

export class Pace {
  #now: () => number;
  #waiting: Waiting[] = [];
  #working = false;
  /** Milliseconds that one in a turn is expected to take. */
  #cost = SLICE_MS;

  /** @param now milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Resolves, in the order of asking, when it is time to compute: with for how many, `wanted` at most. A turn ends when
   * whatever was begun in it waits for something else than its own promises.
   */
  turn(wanted = 1): Promise<number> {
    return new Promise((begin) => {
      this.#waiting.push({ wanted: Math.max(1, wanted), begin });
      if (!this.#working) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#waiting.length > 0) {
      await nextTurn();
      this.#cost *= REMEMBERED;
      let now = this.#now();
      const sliceEnds = now + SLICE_MS;
      while (this.#waiting.length > 0 && now < sliceEnds) {
        const begun = now;
        const granted = this.#begin(Math.max(1, Math.min(MOST_IN_STEP, Math.floor(SLICE_MS / this.#cost))));
        await settled();
        now = this.#now();
        this.#cost = Math.max(this.#cost, (now - begun) / granted);
      }
    }
    this.#working = false;
  }

  /** Lets those begin who have waited longest, so many at most; returns how many. */
  #begin(most: number): number {
    let left = most;
    while (left > 0 && this.#waiting[0]) {
      const granted = Math.min(this.#waiting[0].wanted, left);
      this.#waiting.shift()?.begin(granted);
      left -= granted;
    }
    return most - left;
  }
}

/** One per process, as there is one event loop. */
const pace = new Pace(() => performance.now());

/** A turn of the process's pace. */
export const turn = (wanted?: number): Promise<number> => pace.turn(wanted);

/** Between two steps of what is computed in a turn: resolves when the others in it have come as far. */
export const inStep = (): Promise<void> => Promise.resolve();

/** Resolves when whatever can go on has gone on, as far as that runs without waiting. */
const settled = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));
