/** A queue with two lanes, so that a crowd of strangers cannot make those wait who are let in already. */

/** Items waiting in a lane: some seconds of work. More than this is a flood, and is turned away. */
const LANE_SIZE = 2_000;
/** While both lanes have items, one in this many is a stranger's: nobody is shut out for good. */
const STRANGERS_TURN = 8;

export class TwoLaneQueue<T> {
  #known: T[] = [];
  #strangers: T[] = [];
  #turn = 0;

  get size(): number {
    return this.#known.length + this.#strangers.length;
  }

  /** False when the lane is full, and the item was not taken. */
  push(item: T, isKnown: boolean): boolean {
    const lane = isKnown ? this.#known : this.#strangers;
    if (lane.length >= LANE_SIZE) return false;
    lane.push(item);
    return true;
  }

  /** The next item, in the order of its lane. */
  take(): T | undefined {
    const strangersFirst = ++this.#turn % STRANGERS_TURN === 0;
    const [first, second] = strangersFirst ? [this.#strangers, this.#known] : [this.#known, this.#strangers];
    return first.shift() ?? second.shift();
  }
}
