/** Reads, for each request, what the database allows at that moment. */
import type { Access } from "./grant.ts";
import type { AccessTable, Store } from "./store.ts";

/**
 * Every answer was read after it was asked for, so that a token that has been revoked serves no further
 * request. Questions that come while a read is under way share the next one: under load, many requests
 * cost one query.
 */
export class AccessReader {
  #store: Pick<Store, "access">;
  #npubs = new Set<string>();
  #clients = new Set<string>();
  #underWay: Promise<unknown> = Promise.resolve();
  #next: Promise<AccessTable> | undefined;

  constructor(store: Pick<Store, "access">) {
    this.#store = store;
  }

  /** What `client` (hex) may do with a key. Rejects when the database does not answer. */
  async read(npub: string, client: string): Promise<Access> {
    this.#npubs.add(npub);
    this.#clients.add(client);
    this.#next ??= this.#underWay.then(() => this.#readAsked());
    return (await this.#next).of(npub, client);
  }

  #readAsked(): Promise<AccessTable> {
    const reading = this.#store.access([...this.#npubs], [...this.#clients]);
    this.#npubs.clear();
    this.#clients.clear();
    this.#next = undefined;
    this.#underWay = reading.catch(() => {});
    return reading;
  }
}
