/**
 * Keeps what runs equal to what the database says. A full scan is the truth; a notification only makes
 * a part of it early, and the expiry of a token is a part of it whose time is known beforehand.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Bunkers } from "./bunkers.ts";
import type { Greeter } from "./greeter.ts";
import type { KeyPage, KeyState } from "./key-states.ts";
import type { Holdings } from "./leases/holdings.ts";
import { prefixesOf } from "./leases/shards.ts";
import { type Logger, MOST_NAMED, sayOf } from "./log.ts";
import { difference } from "./registry.ts";
import type { Relays } from "./relays.ts";
import type { Store } from "./store.ts";

export interface ScannerOptions {
  store: Pick<Store, "pages" | "some">;
  /** Which keys are this process's to serve. */
  holdings: Pick<Holdings, "in" | "serves">;
  bunkers: Pick<
    Bunkers,
    "beginRound" | "counts" | "expired" | "has" | "nextExpiry" | "refresh" | "start" | "stop" | "unseen"
  >;
  relays: Pick<Relays, "caughtUp">;
  greeter: Pick<Greeter, "notice">;
  intervalMs: number;
  log: Logger;
  now(): number;
}

/** Milliseconds before a scan that failed is tried again. */
const RETRY_MS = 2_000;
/** Milliseconds that relays have to listen for all that was found first, before it is said to have started. */
const START_MS = 2_000;
/** With more changes than this at once, a full scan is cheaper. */
const MOST_CHANGES = 5_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** Milliseconds between two reads of what has changed, and between two looks at which keys have expired. */
const CHANGES_MS = 50;
const EXPIRY_MS = 250;

export class Scanner {
  #options: ScannerOptions;
  #changed = new Set<string>();
  #gained = new Set<number>();
  #due = false;
  /** Whether there was a call to read everything: until then nothing else is read. */
  #hasBegun = false;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #expiry: NodeJS.Timeout | undefined;
  #expiryAt = Number.POSITIVE_INFINITY;
  #readAt = Number.NEGATIVE_INFINITY;
  #closed = false;
  #isFirst = true;
  #starting: Promise<void> | undefined;
  #scannedAt: number | null = null;

  constructor(options: ScannerOptions) {
    this.#options = options;
  }

  /** When the last full read ended, in milliseconds since 1970; null before the first. */
  get scannedAt(): number | null {
    return this.#scannedAt;
  }

  /**
   * Reads everything, soon; resolves when it is done, the first time when relays listen for it. Several calls before
   * it begins are one.
   */
  async scan(): Promise<void> {
    this.#hasBegun = true;
    this.#due = true;
    await this.#run();
    await this.#starting;
  }

  /** Reads shards that are served from now on, soon; resolves when it is done. */
  async gained(shards: readonly number[]): Promise<void> {
    for (const shard of shards) this.#gained.add(shard);
    if (this.#hasBegun) await this.#run();
  }

  /** Reads one key again, soon. */
  changed(npub: string): void {
    if (!this.#options.holdings.serves(npub)) return;
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

  get #isDue(): boolean {
    return this.#due || this.#gained.size + this.#changed.size > 0;
  }

  async #run(): Promise<void> {
    // What has nothing to do would end before it is known to run.
    if (this.#isDue) this.#running ??= this.#work();
    else if (!this.#running) this.#watchExpiry();
    await this.#running;
  }

  /** One thing at a time, so that no partial read overtakes a full one. */
  async #work(): Promise<void> {
    const { log, intervalMs } = this.#options;
    while (!this.#closed && this.#isDue) {
      const early = this.#readAt + CHANGES_MS - performance.now();
      if (early > 0) await sleep(early);
      const npubs = [...this.#changed];
      const gained = [...this.#gained];
      const everything = this.#due;
      this.#due = false;
      this.#changed.clear();
      this.#gained.clear();
      try {
        if (everything) await this.#scanAll();
        else {
          if (gained.length > 0) await this.#scanShards(gained);
          if (npubs.length > 0) await this.#scanSome(npubs);
        }
      } catch (error) {
        log.error({ err: error }, "the scan failed, trying again");
        this.#again(RETRY_MS);
        break;
      }
      if (everything) this.#again(intervalMs);
    }
    this.#watchExpiry();
    // In the same breath as the last look: what comes from now on begins anew.
    this.#running = undefined;
  }

  #again(delayMs: number): void {
    clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = setTimeout(() => void this.scan(), delayMs);
  }

  async #scanAll(): Promise<void> {
    const { holdings, bunkers, log, now } = this.#options;
    bunkers.beginRound();
    await this.#scanShards(holdings.in("serving").map(({ shard }) => shard));
    bunkers.stop(bunkers.unseen().filter((npub) => holdings.serves(npub)));
    if (this.#isFirst) this.#starting = this.#tellStarted();
    else log.info(`running ${bunkers.counts.running} bunkers`);
    this.#isFirst = false;
    this.#scannedAt = now();
  }

  /** Who reads this may send requests: bunkers that are opened later are told of one by one. */
  async #tellStarted(): Promise<void> {
    const { relays, bunkers, log } = this.#options;
    await relays.caughtUp(START_MS);
    const { running } = bunkers.counts;
    if (!this.#closed) log.info(`started ${running} ${running === 1 ? "bunker" : "bunkers"}`);
  }

  /** What is read is applied as it comes: the first bunkers answer while the rest is read. */
  async #scanShards(shards: readonly number[]): Promise<void> {
    const { store, log } = this.#options;
    log.info("scanning");
    let keys = 0;
    let tokens = 0;
    for await (const page of store.pages(prefixesOf(shards))) {
      keys += page.keys;
      for (const state of page.states) tokens += state.tokens;
      if (page.isLast) {
        log.info(`found ${keys} keys`);
        log.info(`found ${tokens} non-expired tokens`);
      }
      if (this.#isFirst && keys <= MOST_NAMED) this.#tellIdle(page);
      await this.#apply(page.states);
    }
  }

  async #scanSome(npubs: string[]): Promise<void> {
    const { store, bunkers } = this.#options;
    this.#readAt = performance.now();
    const states = await store.some(npubs);
    const live = new Set(states.map(({ npub }) => npub));
    // First what makes room.
    bunkers.stop(npubs.filter((npub) => !live.has(npub) && bunkers.has(npub)));
    await this.#apply(states);
  }

  async #apply(states: KeyState[]): Promise<void> {
    const { bunkers, greeter, log } = this.#options;
    this.#warn(states.filter(({ invalid }) => invalid > 0));
    const { start, stay, stop } = difference(states, (npub) => bunkers.has(npub));
    const say = sayOf(log, start.length);
    for (const { npub } of start) say(npub, () => `${npub} has valid tokens, will start`);
    bunkers.refresh(stay);
    bunkers.stop(stop);
    await bunkers.start(start);
    greeter.notice(states.filter(({ greet }) => greet).map(({ npub }) => npub));
  }

  #tellIdle({ idle, states }: KeyPage): void {
    const none = states.filter(({ tokens }) => tokens === 0).map(({ npub }) => npub);
    for (const npub of [...idle, ...none]) {
      this.#options.log.info({ npub }, `${npub} has no valid tokens, skipping`);
    }
  }

  #warn(states: KeyState[]): void {
    const what = "tokens whose jsonData is not valid: they allow nothing";
    const { log } = this.#options;
    if (states.length > MOST_NAMED) log.warn({ keys: states.length }, `${states.length} keys have ${what}`);
    else for (const { npub, invalid } of states) log.warn({ npub, tokens: invalid }, `${npub} has ${what}`);
  }

  /** One timer for all keys: the next time at which one may lose its last token. */
  #watchExpiry(): void {
    const { bunkers, now } = this.#options;
    if (this.#closed || bunkers.nextExpiry >= this.#expiryAt) return;
    clearTimeout(this.#expiry);
    this.#expiryAt = bunkers.nextExpiry;
    const delay = Math.min(Math.max(this.#expiryAt - now(), EXPIRY_MS), LONGEST_TIMER_MS);
    this.#expiry = setTimeout(() => {
      this.#expiryAt = Number.POSITIVE_INFINITY;
      for (const npub of bunkers.expired()) this.#changed.add(npub);
      void this.#run();
    }, delay);
  }
}
