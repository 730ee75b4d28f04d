/** Reads, for each request, what the database allows at that moment. */
import type { Grant } from "./policy.ts";
import type { Store } from "./store.ts";

/**
 * Every answer was read after it was asked for, so that a token that has been revoked serves no further
 * request. Questions that come while a read is under way share the next one: under load, many requests
 * cost one query.
 */
export class GrantReader {
  #store: Pick<Store, "some">;
  #now: () => number;
  #asked = new Set<string>();
  #underWay: Promise<unknown> = Promise.resolve();
  #next: Promise<Map<string, Grant[]>> | undefined;

  constructor(store: Pick<Store, "some">, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** The live grants of a key. Rejects when the database does not answer. */
  async read(npub: string): Promise<readonly Grant[]> {
    this.#asked.add(npub);
    this.#next ??= this.#underWay.then(() => this.#readAsked());
    return (await this.#next).get(npub) ?? [];
  }

  #readAsked(): Promise<Map<string, Grant[]>> {
    const npubs = [...this.#asked];
    this.#asked.clear();
    this.#next = undefined;
    const reading = this.#store.some(npubs, this.#now());
    this.#underWay = reading.catch(() => {});
    return reading.then((rows) => new Map(rows.map(({ npub, grants }) => [npub, grants])));
  }
}
