import { isBefore } from "./queue.ts";
import type { Waiting } from "./ticket.ts";

/** From `at` on (milliseconds) nothing keeps the two apart. */
export type Meeting = { readonly at: number; readonly longer: Waiting; readonly shorter: Waiting };

/** Below this size nothing is tidied. */
const SMALL = 1_000;

/** What comes first, and of what comes at the same time, the longer wait first. */
const precedes = (one: Meeting, other: Meeting): boolean => {
  if (one.at !== other.at) return one.at < other.at;
  if (isBefore(one.longer, other.longer)) return true;
  return !isBefore(other.longer, one.longer) && isBefore(one.shorter, other.shorter);
};

/**
 * Whose time apart ends when, soonest first: a binary heap. Meetings of those who no longer wait are dropped when
 * they come up, or when the heap has grown to twice what was left of it the last time.
 */
export class Agenda {
  #heap: Meeting[] = [];
  #limit = SMALL;
  readonly #stands: (meeting: Meeting) => boolean;

  /** @param isWaiting whether a ticket is still in the queue */
  constructor(isWaiting: (waiting: Waiting) => boolean) {
    this.#stands = ({ longer, shorter }) => isWaiting(longer) && isWaiting(shorter);
  }

  get next(): Meeting | undefined {
    for (let [top] = this.#heap; top; [top] = this.#heap) {
      if (this.#stands(top)) return top;
      this.takeNext();
    }
    return undefined;
  }

  /** Notes a meeting, unless it is never. */
  add(meeting: Meeting): void {
    if (meeting.at === Number.POSITIVE_INFINITY) return;
    if (this.#heap.length >= this.#limit) this.#tidy();
    this.#heap.push(meeting);
    this.#rise(this.#heap.length - 1, meeting);
  }

  takeNext(): void {
    const last = this.#heap.pop();
    if (last && this.#heap.length > 0) this.#sink(0, last);
  }

  /** A sorted array is a heap. */
  #tidy(): void {
    this.#heap = this.#heap.filter(this.#stands).sort((one, other) => (precedes(one, other) ? -1 : 1));
    this.#limit = Math.max(SMALL, 2 * this.#heap.length);
  }

  #rise(from: number, meeting: Meeting): void {
    let hole = from;
    while (hole > 0) {
      const above = (hole - 1) >> 1;
      const parent = this.#heap[above];
      if (!parent || !precedes(meeting, parent)) break;
      this.#heap[hole] = parent;
      hole = above;
    }
    this.#heap[hole] = meeting;
  }

  #sink(from: number, meeting: Meeting): void {
    let hole = from;
    for (;;) {
      const left = this.#heap[2 * hole + 1];
      const right = this.#heap[2 * hole + 2];
      const first = left && right && precedes(right, left) ? right : left;
      if (!first || !precedes(first, meeting)) break;
      this.#heap[hole] = first;
      hole = 2 * hole + (first === left ? 1 : 2);
    }
    this.#heap[hole] = meeting;
  }
}
