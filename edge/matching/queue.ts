/** What has a place in a queue: the older `since` (milliseconds) first, then the lower `turn`. */
export type Placed = { readonly since: number; readonly turn: number };

export const isBefore = (one: Placed, other: Placed): boolean =>
  one.since < other.since || (one.since === other.since && one.turn < other.turn);

/** Where an item stands in a queue. */
export type Place<T extends Placed> = {
  readonly queue: Queue<T>;
  readonly item: T;
  before: Place<T> | undefined;
  after: Place<T> | undefined;
};

/**
 * Items in their order, longest wait first: a doubly linked list. Who comes as the last joins in one step, who comes
 * back to an old place walks past those who came since; leaving is one step. (A Map keeps its order too, but walks
 * over all that were taken from its front.)
 */
export class Queue<T extends Placed> implements Iterable<T> {
  #first: Place<T> | undefined;
  #last: Place<T> | undefined;

  get first(): T | undefined {
    return this.#first?.item;
  }

  get second(): T | undefined {
    return this.#first?.after?.item;
  }

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  join(item: T): Place<T> {
    let before = this.#last;
    while (before && isBefore(item, before.item)) before = before.before;
    const place: Place<T> = { queue: this, item, before, after: before ? before.after : this.#first };
    if (before) before.after = place;
    else this.#first = place;
    if (place.after) place.after.before = place;
    else this.#last = place;
    return place;
  }

  /** Once for each place. */
  leave({ before, after }: Place<T>): void {
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let place = this.#first; place; place = place.after) yield place.item;
  }
}
