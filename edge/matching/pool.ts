import { type Place, Queue } from "./queue.ts";
import type { Waiting } from "./ticket.ts";

/**
 * The waiting of one mode, in the orders in which a partner is looked for: those who are open to anyone, those who
 * still insist on an interest, and those who have this or that interest.
 */
export class Pool {
  readonly #open = new Queue<Waiting>();
  readonly #insisting = new Queue<Waiting>();
  /** No queue here is empty. */
  readonly #byInterest = new Map<string, Queue<Waiting>>();
  /** Of each, the place among the open or the insisting, then those of the interests. */
  readonly #places = new Map<Waiting, Place<Waiting>[]>();

  /** When next somebody stops insisting (milliseconds). */
  get nextOpening(): number {
    return this.#insisting.first?.openFrom ?? Number.POSITIVE_INFINITY;
  }

  /** When next there is somebody new who is open, and somebody else open to meet them; in milliseconds. */
  get due(): number {
    const { first, second } = this.#insisting;
    return (this.#open.first ? first : second)?.openFrom ?? Number.POSITIVE_INFINITY;
  }

  join(waiting: Waiting, now: number): void {
    const line = waiting.openFrom > now ? this.#insisting : this.#open;
    const queues = [line, ...waiting.interests.map((interest) => this.#having(interest))];
    this.#places.set(
      waiting,
      queues.map((queue) => queue.join(waiting)),
    );
  }

  leave(waiting: Waiting): void {
    for (const place of this.#places.get(waiting) ?? []) place.queue.leave(place);
    this.#places.delete(waiting);
    for (const interest of waiting.interests) {
      if (!this.#byInterest.get(interest)?.first) this.#byInterest.delete(interest);
    }
  }

  /** Opens those who insist up to a moment, and returns them. */
  openUp(at: number): Waiting[] {
    const opened: Waiting[] = [];
    for (let next = this.#insisting.first; next && next.openFrom <= at; next = this.#insisting.first) {
      const [line, ...interests] = this.#places.get(next) ?? [];
      line?.queue.leave(line);
      this.#places.set(next, [this.#open.join(next), ...interests]);
      opened.push(next);
    }
    return opened;
  }

  /** Those with whom somebody shares an interest, a queue for each; somebody may be in several of them. */
  sharing({ interests }: Waiting): Queue<Waiting>[] {
    return interests.flatMap((interest) => this.#byInterest.get(interest) ?? []);
  }

  /** Those who do not ask for an interest of somebody who does not either. */
  openTo(waiting: Waiting, now: number): Queue<Waiting>[] {
    return waiting.openFrom > now ? [] : [this.#open];
  }

  #having(interest: string): Queue<Waiting> {
    const queue = this.#byInterest.get(interest) ?? new Queue<Waiting>();
    this.#byInterest.set(interest, queue);
    return queue;
  }
}
