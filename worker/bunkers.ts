/** The running bunkers: which keys are served, with which grants. Starts and stops them; asks nothing of its own accord. */
import type { NostrEvent } from "../protocol/nostr.ts";
import { type Grants, type Handled, handleRequest } from "./bunker.ts";
import { KeyError, type LocalKey, openKey } from "./keys.ts";
import type { Logger } from "./log.ts";
import { bunkerUri } from "./nip46.ts";
import type { ConnectPolicy, Grant } from "./policy.ts";
import type { Relays } from "./relays.ts";
import type { KeyGrants, Store } from "./store.ts";

interface Running {
  npub: string;
  key: LocalKey;
  grants: readonly Grant[];
  /** On the clock of changes: when `grants` were read, and when the database last announced others. */
  readAt: number;
  changedAt: number;
  reading?: { since: number; promise: Promise<readonly Grant[]> };
}

/**
 * After its last token is gone a key still says so to who asks, for this long, rather than leave a client
 * waiting for nothing. Then its secret is forgotten.
 */
const FAREWELL_MS = 60_000;

export interface BunkersOptions {
  store: Store;
  relays: Relays;
  relayUrls: string[];
  masterKey: string | undefined;
  policy: ConnectPolicy;
  log: Logger;
  now(): number;
}

export class Bunkers implements Grants {
  #options: BunkersOptions;
  #byPubkey = new Map<string, Running>();
  #byNpub = new Map<string, Running>();
  /** Stopped keys that still refuse, by public key, the oldest first. */
  #leaving = new Map<string, { key: LocalKey; until: number }>();
  #farewell: NodeJS.Timeout | undefined;
  /** Keys that could not be opened, reported once. */
  #broken = new Map<string, string>();
  #listening = false;
  /** Counts the changes announced by the database, so that what was read before one is known to be old. */
  #clock = 0;

  constructor(options: BunkersOptions) {
    this.#options = options;
  }

  get npubs(): ReadonlySet<string> {
    return new Set(this.#byNpub.keys());
  }

  /** Handles a verified event for a public key (hex), where a bunker runs for it or has just stopped. */
  of(pubkey: string): ((event: NostrEvent) => Promise<Handled>) | undefined {
    const key = (this.#byPubkey.get(pubkey) ?? this.#leaving.get(pubkey))?.key;
    if (!key) return undefined;
    const { policy, now } = this.#options;
    return (event) => handleRequest(event, key, this, policy, now);
  }

  /** The time on the clock of changes, to be taken before reading what `start` and `refresh` are given. */
  get clock(): number {
    return this.#clock;
  }

  /** Opens the keys and starts to listen for them. One that cannot be opened is reported, and the others run. */
  async start(keys: KeyGrants[], readAt: number): Promise<void> {
    if (keys.length === 0) return;
    const { store, relays, relayUrls, masterKey, log } = this.#options;
    const secrets = await store.secrets(keys.map(({ npub }) => npub));
    const started: string[] = [];
    for (const { npub, grants } of keys) {
      log.info({ npub }, `${npub} starting`);
      try {
        const secret = secrets.get(npub);
        if (!secret) throw new KeyError("the row holds no secret");
        const { key, atRest } = openKey(npub, secret, masterKey);
        if (atRest !== "sealed")
          log.warn({ npub }, `the secret of ${npub} lies in the database as ${atRest}, unsealed`);
        log.info({ npub }, `${npub} created signer`);
        this.#leaving.get(key.pubkey)?.key.destroy();
        this.#leaving.delete(key.pubkey);
        const running: Running = { npub, key, grants, readAt, changedAt: this.#clock };
        this.#byPubkey.set(key.pubkey, running);
        this.#byNpub.set(npub, running);
        this.#broken.delete(npub);
        started.push(key.pubkey);
        log.info({ npub }, `${npub} started`);
        log.info({ npub }, bunkerUri(key.pubkey, relayUrls));
      } catch (error) {
        this.#report(npub, error);
      }
    }
    relays.update({ add: started });
  }

  /** Stops serving these keys: from now on they refuse, and after a while they are silent. */
  stop(npubs: Iterable<string>): void {
    const { log, now } = this.#options;
    for (const npub of npubs) {
      this.#broken.delete(npub);
      const running = this.#byNpub.get(npub);
      if (!running) continue;
      this.#byNpub.delete(npub);
      this.#byPubkey.delete(running.key.pubkey);
      this.#leaving.set(running.key.pubkey, { key: running.key, until: now() + FAREWELL_MS });
      log.info({ npub }, `${npub} stopped`);
    }
    this.#farewell ??= this.#leaving.size > 0 ? setTimeout(() => this.#part(), FAREWELL_MS) : undefined;
  }

  /** Forgets every secret. */
  close(): void {
    this.stop(this.npubs);
    clearTimeout(this.#farewell);
    for (const { key } of this.#leaving.values()) key.destroy();
    this.#leaving.clear();
  }

  /** Takes over what was read at `readAt`, for those that run already. */
  refresh(keys: KeyGrants[], readAt: number): void {
    for (const { npub, grants } of keys) {
      const running = this.#byNpub.get(npub);
      if (running) this.#take(running, grants, readAt);
    }
  }

  /** Something about this key has changed in the database: what was read before no longer counts. */
  invalidate(npub: string): void {
    this.#clock++;
    const running = this.#byNpub.get(npub);
    if (running) running.changedAt = this.#clock;
    this.#broken.delete(npub);
  }

  /** Whether changes are heard as they happen. While not, every request reads the grants anew. */
  setListening(listening: boolean): void {
    this.#listening = listening;
    this.#clock++;
    for (const running of this.#byNpub.values()) running.changedAt = this.#clock;
  }

  isBroken(npub: string): boolean {
    return this.#broken.has(npub);
  }

  /** The keys whose last known token has expired, and the time at which the next one's will. */
  expiring(): { expired: string[]; next: number } {
    const now = this.#options.now();
    const expired: string[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const { npub, grants } of this.#byNpub.values()) {
      const last = grants.reduce((latest, { expiry }) => Math.max(latest, expiry), 0);
      if (last <= now) expired.push(npub);
      else next = Math.min(next, last);
    }
    return { expired, next };
  }

  async current(pubkey: string): Promise<readonly Grant[]> {
    const running = this.#byPubkey.get(pubkey);
    if (!running) return [];
    if (this.#listening && running.changedAt <= running.readAt) return running.grants;
    if (!this.#listening || !running.reading || running.reading.since < running.changedAt) {
      running.reading = { since: this.#clock, promise: this.#read(running) };
    }
    return running.reading.promise;
  }

  async bind(pubkey: string, client: string, secret: string): Promise<boolean> {
    const running = this.#byPubkey.get(pubkey);
    if (!running) return false;
    const bound = await this.#options.store.bind(running.npub, client, secret, this.#options.now());
    if (bound) this.invalidate(running.npub);
    return bound;
  }

  async end(pubkey: string, client: string): Promise<void> {
    const running = this.#byPubkey.get(pubkey);
    if (!running) return;
    await this.#options.store.endSessions(running.npub, client, this.#options.now());
    this.invalidate(running.npub);
  }

  async #read(running: Running): Promise<readonly Grant[]> {
    const readAt = this.#clock;
    const [row] = await this.#options.store.some([running.npub], this.#options.now());
    const grants = row?.grants ?? [];
    this.#take(running, grants, readAt);
    return grants;
  }

  #take(running: Running, grants: readonly Grant[], readAt: number): void {
    if (readAt < running.readAt) return;
    running.grants = grants;
    running.readAt = readAt;
  }

  #part(): void {
    const { relays, now } = this.#options;
    const silent = [...this.#leaving].filter(([, { until }]) => until <= now());
    for (const [pubkey, { key }] of silent) {
      key.destroy();
      this.#leaving.delete(pubkey);
    }
    relays.update({ remove: silent.map(([pubkey]) => pubkey) });
    const [next] = this.#leaving.values();
    this.#farewell = next && setTimeout(() => this.#part(), Math.max(0, next.until - now()));
  }

  #report(npub: string, error: unknown): void {
    const reason = error instanceof KeyError ? error.message : "the secret could not be read";
    if (this.#broken.get(npub) === reason) return;
    this.#broken.set(npub, reason);
    this.#options.log.error({ npub, reason }, `${npub} cannot be served: ${reason}`);
  }
}
