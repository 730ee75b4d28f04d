/** The running bunkers: which keys are served, with which grants. Starts and stops them; asks nothing of its own accord. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { NostrEvent } from "../protocol/nostr.ts";
import { formOf, KeyError, type Openers } from "./at-rest.ts";
import { type Handled, handleRequest, signGreeting } from "./bunker.ts";
import type { Gate } from "./gate.ts";
import type { KeyState } from "./key-states.ts";
import { type LocalKey, openKey } from "./keys.ts";
import type { Logger } from "./log.ts";
import { bunkerUri } from "./nip46.ts";
import type { Relays } from "./relays.ts";
import type { Store } from "./store.ts";

interface Running {
  npub: string;
  key: LocalKey;
  /** When the last of its tokens expires, as far as the last scan knew. */
  expiry: number;
}

/**
 * After its last token is gone a key still says so to who asks, for this long, rather than leave a client
 * waiting for nothing. Then its secret is forgotten.
 */
const FAREWELL_MS = 60_000;

/** Opening a key takes about 2 ms. Requests are let in between after this many. */
const TURN_MS = 5;

export interface BunkersOptions {
  store: Store;
  relays: Relays;
  relayUrls: string[];
  openers: Openers;
  gate: Gate;
  log: Logger;
  now(): number;
}

export class Bunkers {
  #options: BunkersOptions;
  #byPubkey = new Map<string, Running>();
  #byNpub = new Map<string, Running>();
  /** Stopped keys that still answer who asks, by public key, the oldest first. */
  #leaving = new Map<string, { npub: string; key: LocalKey; until: number }>();
  #farewell: NodeJS.Timeout | undefined;
  /** Keys that could not be opened, reported once. */
  #broken = new Map<string, string>();
  #closed = false;

  constructor(options: BunkersOptions) {
    this.#options = options;
  }

  get npubs(): ReadonlySet<string> {
    return new Set(this.#byNpub.keys());
  }

  /** How many keys are served, have just been stopped, and could not be opened. */
  get counts(): { running: number; leaving: number; broken: number } {
    return { running: this.#byNpub.size, leaving: this.#leaving.size, broken: this.#broken.size };
  }

  /** Handles a verified event for a public key (hex), where a bunker runs for it or has just stopped. */
  of(pubkey: string): ((event: NostrEvent) => Promise<Handled>) | undefined {
    const found = this.#find(pubkey);
    if (!found) return undefined;
    const { gate, relayUrls } = this.#options;
    const around = { ...gate.of(found.npub, pubkey), relays: relayUrls };
    return (event) => handleRequest(event, found.key, around);
  }

  /**
   * Opens the keys and starts to listen for them. One that cannot be opened is reported, and the others run; those
   * that a passphrase encrypts come last, because each takes a while.
   */
  async start(keys: KeyState[]): Promise<void> {
    if (keys.length === 0) return;
    const { store, relays, log } = this.#options;
    const secrets = await store.secrets(keys.map(({ npub }) => npub));
    const isSlow = ({ npub }: KeyState) => formOf(secrets.get(npub) ?? "") === "ncryptsec";
    const slow = keys.filter(isSlow);
    const started: string[] = [];
    let turn = performance.now();
    for (const key of keys) {
      if (isSlow(key)) continue;
      const pubkey = await this.#open(key, secrets.get(key.npub));
      if (pubkey) started.push(pubkey);
      if (performance.now() - turn < TURN_MS) continue;
      await nextTurn();
      turn = performance.now();
    }
    relays.update({ add: started });
    for (const [index, key] of slow.entries()) {
      if (slow.length > 1) log.info(`opening key ${index + 1} of ${slow.length} that a passphrase encrypts`);
      const pubkey = await this.#open(key, secrets.get(key.npub));
      if (pubkey) relays.update({ add: [pubkey] });
    }
  }

  /** The public key that a bunker runs for from now on, or undefined where it cannot be opened. */
  async #open(
    { npub, expiry, relays: extra }: KeyState,
    secret: string | null | undefined,
  ): Promise<string | undefined> {
    if (this.#closed) return undefined;
    const { openers, relays, relayUrls, log } = this.#options;
    log.info({ npub }, `${npub} starting`);
    try {
      if (!secret) throw new KeyError("the row holds no secret");
      const key = await openKey(npub, secret, openers);
      if (this.#closed) key.destroy();
      if (this.#closed) return undefined;
      const form = formOf(secret);
      if (form === "nsec" || form === "hex")
        log.warn({ npub }, `the secret of ${npub} lies in the database as ${form}, unsealed`);
      log.info({ npub }, `${npub} created signer`);
      const running: Running = { npub, key: this.#stay(key), expiry };
      this.#byPubkey.set(key.pubkey, running);
      this.#byNpub.set(npub, running);
      this.#broken.delete(npub);
      relays.extend(key.pubkey, extra);
      log.info({ npub }, `${npub} started`);
      log.info({ npub }, bunkerUri(key.pubkey, relayUrls));
      return key.pubkey;
    } catch (error) {
      this.#report(npub, error);
      return undefined;
    }
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
      this.#leaving.set(running.key.pubkey, { npub, key: running.key, until: now() + FAREWELL_MS });
      log.info({ npub }, `${npub} stopped`);
    }
    this.#farewell ??= this.#leaving.size > 0 ? setTimeout(() => this.#part(), FAREWELL_MS) : undefined;
  }

  /** From now on no further key is opened: a start under way ends where it is. */
  halt(): void {
    this.#closed = true;
  }

  /** Forgets every secret. */
  close(): void {
    this.halt();
    this.stop(this.npubs);
    clearTimeout(this.#farewell);
    for (const { key } of this.#leaving.values()) key.destroy();
    this.#leaving.clear();
  }

  /** What greets a client (hex) that began a connection; undefined when no bunker runs for the key. */
  greeting(npub: string, client: string, secret: string): NostrEvent | undefined {
    const running = this.#byNpub.get(npub);
    return running && signGreeting(running.key, client, secret, this.#options.now());
  }

  /** Takes over until when those that run already have tokens, and where their clients listen. */
  refresh(keys: KeyState[]): void {
    for (const { npub, expiry, relays } of keys) {
      const running = this.#byNpub.get(npub);
      if (!running) continue;
      running.expiry = expiry;
      this.#options.relays.extend(running.key.pubkey, relays);
    }
  }

  /** The row of this key has changed: if it could not be opened, it is worth another try. */
  retry(npub: string): void {
    this.#broken.delete(npub);
  }

  isBroken(npub: string): boolean {
    return this.#broken.has(npub);
  }

  /** The keys whose last known token has expired, and the time at which the next one's will. */
  expiring(): { expired: string[]; next: number } {
    const now = this.#options.now();
    const expired: string[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const { npub, expiry } of this.#byNpub.values()) {
      if (expiry <= now) expired.push(npub);
      else next = Math.min(next, expiry);
    }
    return { expired, next };
  }

  #find(pubkey: string): { npub: string; key: LocalKey } | undefined {
    return this.#byPubkey.get(pubkey) ?? this.#leaving.get(pubkey);
  }

  /** The key as it was, if it was just leaving: requests in hand may hold it. */
  #stay(opened: LocalKey): LocalKey {
    const leaving = this.#leaving.get(opened.pubkey);
    if (!leaving) return opened;
    this.#leaving.delete(opened.pubkey);
    opened.destroy();
    return leaving.key;
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
