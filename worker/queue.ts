/** A queue with two lanes, so that a crowd of strangers cannot make those wait who are let in already. */

/**
 * Items waiting in a lane, and their characters: what may have waited at the relays for a worker that starts, some seconds
 * of work. More than this is a flood, and is turned away.
 */
const MOST_ITEMS = 10_000;
const MOST_CHARACTERS = 32_000_000;
/** While both lanes have items, one in this many is a stranger's: nobody is shut out for good. */
const STRANGERS_TURN = 8;

/** How much memory an item takes. */
interface Sized {
  characters: number;
}

interface Lane<T> {
  items: T[];
  characters: number;
}

export class TwoLaneQueue<T extends Sized> {
  #known: Lane<T> = { items: [], characters: 0 };
  #strangers: Lane<T> = { items: [], characters: 0 };
  #turn = 0;

  get size(): number {
    return this.#known.items.length + this.#strangers.items.length;
  }

  /** False when the lane is full, and the item was not taken. */
  push(item: T, isKnown: boolean): boolean {
    const lane = isKnown ? this.#known : this.#strangers;
    if (lane.items.length >= MOST_ITEMS || lane.characters >= MOST_CHARACTERS) return false;
    lane.items.push(item);
    lane.characters += item.characters;
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
  lane.characters -= item?.characters ?? 0;
  return item;
};
