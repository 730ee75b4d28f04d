/** A queue with two lanes, so that a crowd of strangers cannot make those wait who are let in already. */

/**
 * Items waiting in a lane, and what memory they take: as much as may have waited at the relays for a worker that starts.
 * More than this is a flood, and is turned away.
 */
const MOST_ITEMS = 10_000;
const MOST_BYTES = 32_000_000;
/** While both lanes have items, one in this many is a stranger's: nobody is shut out for good. */
const STRANGERS_TURN = 8;

interface Sized {
  /** Of memory, about. */
  bytes: number;
}

interface Lane<T> {
  items: T[];
  bytes: number;
}

export class TwoLaneQueue<T extends Sized> {
  #known: Lane<T> = { items: [], bytes: 0 };
  #strangers: Lane<T> = { items: [], bytes: 0 };
  #turn = 0;

  get size(): number {
    return this.#known.items.length + this.#strangers.items.length;
  }

  /** False when the lane is full, and the item was not taken. */
  push(item: T, isKnown: boolean): boolean {
    const lane = isKnown ? this.#known : this.#strangers;
    if (lane.items.length >= MOST_ITEMS || lane.bytes >= MOST_BYTES) return false;
    lane.items.push(item);
    lane.bytes += item.bytes;
    return true;
  }

  /** The next item, in the order of its lane. */
  take(): T | undefined {
    const strangersFirst = ++this.#turn % STRANGERS_TURN === 0;
    const [first, second] = strangersFirst ? [this.#strangers, this.#known] : [this.#known, this.#strangers];
    return takeFrom(first) ?? takeFrom(second);
  }
}

const takeFrom = <T extends Sized>(lane: Lane<T>): T | undefined => {
  const item = lane.items.shift();
  lane.bytes -= item?.bytes ?? 0;
  return item;
};
