/** Reads, for each request, what the database allows at that moment; and remembers it for when there is none. */
import { setTimeout as pause } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import type { AccessTable } from "./access-table.ts";
import type { Circuit } from "./circuit.ts";
import type { Access } from "./grant.ts";
import type { Store } from "./store.ts";

/** Keys whose clients are remembered; the one that was asked for longest ago goes first. */
const KEYS_REMEMBERED = 10_000;

interface Remembered {
  access: Access;
  /** When the read of it began. */
  at: number;
}

export interface AccessOptions {
  store: Pick<Store, "access">;
  circuit: Pick<Circuit, "ask">;
  /** How long an answer stands in for the database while that is away, in milliseconds. */
  cacheMs: number;
  /** From the start of one read to that of the next, at least: the more requests share one, the less each costs. Milliseconds. */
  pauseMs: number;
  now(): number;
}

/**
 * Every answer was read after it was asked for, so that a token that has been revoked serves no further
 * request. Questions that come while a read is under way share the next one: under load, many requests
 * cost one query. Only while the database does not answer, a connected client is served by what was read for
 * it last, for a time. What is revoked meanwhile cannot be seen then.
 */
export class AccessReader {
  #options: AccessOptions;
  #npubs = new Set<string>();
  #clients = new Set<string>();
  #underWay: Promise<unknown> = Promise.resolve();
  #next: Promise<{ table: AccessTable; at: number }> | undefined;
  /** By npub, then by client. */
  #remembered = new LRUCache<string, Map<string, Remembered>>({ max: KEYS_REMEMBERED });
  /** When something was last forgotten, counted: what was read before must not be remembered after. */
  #forgettings = 0;

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  /** What `client` (hex) may do with a key. Rejects when neither the database nor the memory has an answer. */
  read(npub: string, client: string): Promise<Access> {
    this.#npubs.add(npub);
    this.#clients.add(client);
    this.#next ??= this.#underWay.then(() => this.#readAsked());
    const forgettings = this.#forgettings;
    return this.#next.then(
      ({ table, at }) => {
        const access = table.of(npub, client);
        this.#heed(npub, client, access);
        if (forgettings === this.#forgettings) this.#remember(npub, client, { access, at });
        return access;
      },
      (error) => {
        const access = this.remembered(npub, client);
        if (access) return access;
        throw error;
      },
    );
  }

  /**
   * What was read last for a client that was connected then, if that is not too long ago. Without the grants that
   * limit the number of uses, which cannot be counted now.
   */
  remembered(npub: string, client: string): Access | null {
    const found = this.#remembered.get(npub)?.get(client);
    if (!found || this.#options.now() - found.at >= this.#options.cacheMs) return null;
    const grants = found.access.grants.filter(({ uses }) => uses === null);
    return grants.some((grant) => grant.client === client) ? { ...found.access, grants } : null;
  }

  /** What the database says of this key has changed; `*` for what is stopped, which concerns every key. */
  forget(npub: string): void {
    this.#forgettings += 1;
    if (npub === "*") this.#remembered.clear();
    else this.#remembered.delete(npub);
  }

  #readAsked(): Promise<{ table: AccessTable; at: number }> {
    const { store, circuit, pauseMs, now } = this.#options;
    const at = now();
    const npubs = [...this.#npubs];
    const clients = [...this.#clients];
    const reading = circuit.ask(() => store.access(npubs, clients));
    // Fresh ones: a Set that is cleared and filled again and again keeps what was in it from being collected.
    this.#npubs = new Set();
    this.#clients = new Set();
    this.#next = undefined;
    const rest = pauseMs > 0 ? pause(pauseMs) : undefined;
    this.#underWay = Promise.all([reading.catch(() => {}), rest]);
    return reading.then((table) => ({ table, at }));
  }

  #remember(npub: string, client: string, read: Remembered): void {
    const known = this.#remembered.get(npub);
    const clients = known ?? new Map<string, Remembered>();
    // Only who is connected: strangers take no memory.
    if (read.access.grants.some((grant) => grant.client === client)) clients.set(client, read);
    else clients.delete(client);
    if (clients.size === 0) this.#remembered.delete(npub);
    else if (!known) this.#remembered.set(npub, clients);
  }

  /** What an operator stops concerns also those who have not asked since. */
  #heed(npub: string, client: string, { stopped }: Access): void {
    if (stopped === null) return;
    this.#forgettings += 1;
    if (stopped === "everything") this.#remembered.clear();
    else if (stopped === "the key") this.#remembered.delete(npub);
    else for (const clients of this.#remembered.values()) clients.delete(client);
  }
}
