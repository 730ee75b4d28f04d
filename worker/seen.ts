/**
 * Which events were handled lately: for at least a time, and bounded. By generations, so that none is looked for; and in
 * tables of numbers, as every request asks and what is in a Set costs the garbage collector as much as the asking.
 */

import { randomBytes } from "node:crypto";

/** The more, the less is kept for longer than it has to be, and the more are looked through for each event. */
const GENERATIONS = 2;

export class Seen {
  /** The youngest first: one that is being filled, and as many as make up the time. */
  #generations: Generation[];
  #begun: number;
  #lengthMs: number;
  #size: number;
  #now: () => number;

  /**
   * @param timeMs for how long at least, unless there are more than `most` in that time
   * @param now milliseconds
   */
  constructor({ timeMs, most, now }: { timeMs: number; most: number; now(): number }) {
    this.#lengthMs = timeMs / GENERATIONS;
    this.#size = Math.ceil(most / GENERATIONS);
    this.#generations = [new Generation(this.#size)];
    this.#now = now;
    this.#begun = now();
  }

  /** @param name of the event, as `nameOf` has it */
  has(name: number): boolean {
    for (const generation of this.#generations) if (generation.has(name)) return true;
    return false;
  }

  add(name: number): void {
    this.#turnOver();
    this.#generations[0]?.add(name);
  }

  delete(name: number): void {
    for (const generation of this.#generations) generation.delete(name);
  }

  #turnOver(): void {
    const passed = Math.floor((this.#now() - this.#begun) / this.#lengthMs);
    const isFull = (this.#generations[0]?.size ?? 0) >= this.#size;
    if (passed < 1 && !isFull) return;
    const fresh = Array.from(
      { length: Math.min(Math.max(1, passed), GENERATIONS + 1) },
      () => new Generation(this.#size),
    );
    this.#generations = [...fresh, ...this.#generations].slice(0, GENERATIONS + 1);
    this.#begun = this.#now();
  }
}

/**
 * What an event is known by.
 *
 * @param id hex, the hash of the event (NIP-01). Of its 256 bits these are 52: among 360,000 others one of ten billion
 *   events finds its like; and to make one that keeps another out takes as many hashes, before that other is sent
 */
export const nameOf = (id: string): number => Number.parseInt(id.slice(0, 13), 16);

/** What lies in a slot instead of a name; names are hashes, and none is so small. */
const EMPTY = 0;
const DELETED = -1;

/** Odd, and nobody's to know: whoever chooses names so that they begin at one slot would have all wait for the search. */
const FACTOR = randomBytes(4).readUInt32LE() | 1;

/** A set of so many names at most, of which a quarter of the slots stay empty: each name in the first that was free for it. */
class Generation {
  size = 0;
  #slots: Float64Array;
  #shift: number;

  constructor(most: number) {
    const bits = Math.max(1, Math.ceil(Math.log2(most * 1.4)));
    this.#slots = new Float64Array(2 ** bits);
    this.#shift = 32 - bits;
  }

  has(name: number): boolean {
    return this.#slots[this.#slotOf(name)] === name;
  }

  add(name: number): void {
    const slot = this.#slotOf(name);
    if (this.#slots[slot] === name) return;
    this.#slots[slot] = name;
    this.size += 1;
  }

  delete(name: number): void {
    const slot = this.#slotOf(name);
    if (this.#slots[slot] === name) this.#slots[slot] = DELETED;
  }

  /** Where a name is, or would be. */
  #slotOf(name: number): number {
    const last = this.#slots.length - 1;
    let slot = Math.imul(name ^ (name / 2 ** 32), FACTOR) >>> this.#shift;
    while (this.#slots[slot] !== EMPTY && this.#slots[slot] !== name) slot = (slot + 1) & last;
    return slot;
  }
}
