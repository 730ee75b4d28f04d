/**
 * Keeps what runs equal to what the database says. A full scan is the truth; a notification only makes
 * a part of it early, and the expiry of a token is a part of it whose time is known beforehand.
 */
import type { Bunkers } from "./bunkers.ts";
import type { Greeter } from "./greeter.ts";
import type { KeyState } from "./key-states.ts";
import type { Logger } from "./log.ts";
import { difference } from "./registry.ts";
import type { Store } from "./store.ts";

export interface ScannerOptions {
  store: Store;
  bunkers: Bunkers;
  greeter: Pick<Greeter, "notice">;
  intervalMs: number;
  log: Logger;
  now(): number;
}

/** Milliseconds before a scan that failed is tried again. */
const RETRY_MS = 2_000;
/** With more changes than this at once, a full scan is cheaper. */
const MOST_CHANGES = 5_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Scanner {
  #options: ScannerOptions;
  #changed = new Set<string>();
  #due = false;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #expiry: NodeJS.Timeout | undefined;
  #closed = false;
  #first = true;
  #scannedAt: number | null = null;

  constructor(options: ScannerOptions) {
    this.#options = options;
  }

  /** When the last full read ended, in milliseconds since 1970; null before the first. */
  get scannedAt(): number | null {
    return this.#scannedAt;
  }

  /** Reads everything, soon; resolves when it is done. Several calls before it begins are one. */
  scan(): Promise<void> {
    this.#due = true;
    return this.#run();
  }

  /** Reads one key again, soon. */
  changed(npub: string): void {
    this.#changed.add(npub);
    if (this.#changed.size > MOST_CHANGES) this.#due = true;
    void this.#run();
  }

  /** Resolves when a scan under way has ended; none begins afterwards. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#expiry);
    await this.#running;
  }

  #run(): Promise<void> {
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** One thing at a time, so that no partial read overtakes a full one. */
  async #work(): Promise<void> {
    const { log, intervalMs } = this.#options;
    while (!this.#closed && (this.#due || this.#changed.size > 0)) {
      const npubs = [...this.#changed];
      const everything = this.#due;
      this.#due = false;
      this.#changed.clear();
      try {
        if (everything) await this.#scanAll();
        else await this.#scanSome(npubs);
      } catch (error) {
        log.error({ err: error }, "the scan failed, trying again");
        this.#again(RETRY_MS);
        return;
      }
      if (everything) this.#again(intervalMs);
    }
    this.#watchExpiry();
  }

  #again(delayMs: number): void {
    clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = setTimeout(() => void this.scan(), delayMs);
  }

  async #scanAll(): Promise<void> {
    const { store, bunkers, log } = this.#options;
    log.info("scanning");
    const seen = new Set<string>();
    let tokens = 0;
    let keys = 0;
    for await (const page of store.pages()) {
      keys += page.keys;
      for (const state of page.states) {
        tokens += state.tokens;
        if (state.tokens > 0) seen.add(state.npub);
      }
      if (page.isLast) {
        log.info(`found ${keys} keys`);
        log.info(`found ${tokens} non-expired tokens`);
      }
      if (this.#first)
        for (const npub of page.idle) log.info({ npub }, `${npub} has no valid tokens, skipping`);
      await this.#apply(page.states, page.states);
    }
    bunkers.stop(difference(seen, bunkers.npubs).stop);
    log.info(`${this.#first ? "started" : "running"} ${bunkers.npubs.size} bunkers`);
    this.#first = false;
    this.#scannedAt = this.#options.now();
  }

  async #scanSome(npubs: string[]): Promise<void> {
    const { store } = this.#options;
    const rows = await store.some(npubs);
    const found = new Set(rows.map(({ npub }) => npub));
    const gone = npubs
      .filter((npub) => !found.has(npub))
      .map((npub) => ({ npub, tokens: 0, expiry: 0, invalid: 0, relays: [], greet: false }));
    await this.#apply(rows, [...rows, ...gone]);
  }

  async #apply(rows: KeyState[], scope: KeyState[]): Promise<void> {
    const { bunkers, greeter, log } = this.#options;
    for (const { npub, invalid } of rows) {
      if (invalid > 0)
        log.warn(
          { npub, tokens: invalid },
          `${npub} has tokens whose jsonData is not valid: they allow nothing`,
        );
    }
    const live = new Set(rows.filter(({ tokens }) => tokens > 0).map(({ npub }) => npub));
    const running = bunkers.npubs;
    const { start, stop } = difference(
      live,
      new Set(scope.map(({ npub }) => npub).filter((npub) => running.has(npub))),
    );
    const starting = new Set(start.filter((npub) => !bunkers.isBroken(npub)));
    for (const { npub } of rows) {
      if (starting.has(npub)) log.info({ npub }, `${npub} has valid tokens, will start`);
      else if (this.#first && !live.has(npub)) log.info({ npub }, `${npub} has no valid tokens, skipping`);
    }
    bunkers.refresh(rows);
    bunkers.stop(stop);
    await bunkers.start(rows.filter(({ npub }) => starting.has(npub)));
    greeter.notice(rows.filter(({ greet }) => greet).map(({ npub }) => npub));
  }

  /** One timer for all keys: the next time at which a key loses its last token. */
  #watchExpiry(): void {
    clearTimeout(this.#expiry);
    if (this.#closed) return;
    const { bunkers, now } = this.#options;
    const { expired, next } = bunkers.expiring();
    for (const npub of expired) this.#changed.add(npub);
    const delay = expired.length > 0 ? 0 : Math.min(next - now(), LONGEST_TIMER_MS);
    this.#expiry = setTimeout(() => {
      for (const npub of bunkers.expiring().expired) this.#changed.add(npub);
      void this.#run();
    }, delay);
  }
}
