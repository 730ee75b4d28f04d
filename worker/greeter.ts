/**
 * Greets the clients that began a connection (`nostrconnect://`) and wait for the signer on relays of their own:
 * as soon as one of these listens for the key, and again until one has taken the greeting.
 */
import type { Bunkers } from "./bunkers.ts";
import type { Holdings } from "./leases/holdings.ts";
import type { Logger } from "./log.ts";
import { hexOf, npubOf } from "./npub.ts";
import type { Relays } from "./relays.ts";
import type { Store, Waiting } from "./store.ts";

/** How long a greeting is tried: no client waits longer. */
const PATIENCE_MS = 10 * 60_000;
/** How long a relay may take to say OK. */
const DELIVERY_MS = 4_000;
/** Each holds a connection to the database meanwhile. */
const MOST_AT_ONCE = 4;

export interface GreeterOptions {
  store: Pick<Store, "waiting" | "access" | "greet" | "leaveUngreeted">;
  holdings: Pick<Holdings, "serves">;
  bunkers: Pick<Bunkers, "greeting">;
  relays: Pick<Relays, "hears" | "deliver">;
  log: Logger;
  /** Milliseconds since 1970. */
  now(): number;
}

/** How long to wait before the next attempt: a tenth of the time tried so far, from 0.25 s to 30 s. */
const retryDelay = (triedMs: number): number => Math.min(30_000, Math.max(250, triedMs / 10));

export class Greeter {
  #options: GreeterOptions;
  /** Keys with clients that wait. */
  #npubs = new Set<string>();
  /** Since when each token is known to wait. */
  #since = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;
  /** Keys that became such while others were read. */
  #noticed = new Set<string>();
  #closed = false;

  constructor(options: GreeterOptions) {
    this.#options = options;
  }

  /** Clients of these keys wait to be greeted. */
  notice(npubs: string[]): void {
    if (npubs.length === 0) return;
    for (const npub of npubs) this.#noticed.add(npub);
    this.#work();
  }

  /** Resolves when a greeting under way has ended; none begins afterwards. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#working;
  }

  #work(): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#working ??= this.#greetAll().finally(() => {
      this.#working = undefined;
      const youngest = Math.max(...this.#since.values());
      const delay = this.#noticed.size > 0 ? 0 : retryDelay(this.#options.now() - youngest);
      const done = this.#noticed.size + this.#npubs.size === 0;
      if (!done && !this.#closed) this.#timer = setTimeout(() => this.#work(), delay);
    });
  }

  async #greetAll(): Promise<void> {
    const { store, holdings, log } = this.#options;
    for (const npub of this.#noticed) this.#npubs.add(npub);
    this.#noticed.clear();
    // What others serve now, they greet.
    for (const npub of this.#npubs) if (!holdings.serves(npub)) this.#npubs.delete(npub);
    try {
      const npubs = [...this.#npubs];
      const all = await store.waiting(npubs);
      this.#remember(npubs, all);
      for (let index = 0; index < all.length && !this.#closed; index += MOST_AT_ONCE) {
        await Promise.all(all.slice(index, index + MOST_AT_ONCE).map((waiting) => this.#greet(waiting)));
      }
    } catch (error) {
      log.warn({ err: error }, "clients that wait could not be greeted, trying again");
    }
  }

  #remember(npubs: string[], all: Waiting[]): void {
    for (const npub of npubs) this.#npubs.delete(npub);
    for (const { npub } of all) this.#npubs.add(npub);
    const now = this.#options.now();
    this.#since = new Map(all.map(({ token }) => [token, this.#since.get(token) ?? now]));
  }

  async #greet({ token, npub, client, relays: urls }: Waiting): Promise<void> {
    const { store, bunkers, relays, log, now } = this.#options;
    const who = { npub, client: npubOf(client) };
    if (now() - (this.#since.get(token) ?? 0) > PATIENCE_MS) {
      await store.leaveUngreeted(token);
      log.warn(who, "gave up greeting a client: none of its relays took the greeting");
      return;
    }
    if (!relays.hears(hexOf(npub) ?? "", urls)) return;
    const { stopped } = (await store.access([npub], [client])).of(npub, client);
    if (stopped) return;
    const greeted = await store.greet(token, async (secret) => {
      const greeting = bunkers.greeting(npub, client, secret);
      return greeting !== undefined && relays.deliver(greeting, urls, DELIVERY_MS);
    });
    if (greeted) log.info(who, "greeted a client");
  }
}
