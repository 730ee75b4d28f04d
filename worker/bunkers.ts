/** The running bunkers: which keys are served. Starts and stops them; asks nothing of its own accord. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { NostrEvent } from "../protocol/nostr.ts";
import { formOf, type Openers } from "./at-rest.ts";
import { type Handled, handleRequest, signGreeting } from "./bunker.ts";
import { Farewell } from "./farewell.ts";
import type { Gate } from "./gate.ts";
import type { KeyState } from "./key-states.ts";
import type { LocalKey } from "./keys.ts";
import type { Holdings } from "./leases/holdings.ts";
import { type Logger, MOST_NAMED, type Say, sayNowAndThen, sayOf } from "./log.ts";
import { bunkerUri } from "./nip46.ts";
import { openAloud } from "./opening.ts";
import type { Relays } from "./relays.ts";
import { SlowLane } from "./slow-lane.ts";
import type { Store } from "./store.ts";

/** A key with a live token. There may be many thousands: light. */
interface Bunker {
  readonly npub: string;
  /** Undefined until it is opened. */
  key: LocalKey | undefined;
  /** Whether it could not be opened. */
  isBroken: boolean;
  /** When the last of its tokens expires, as far as is known. */
  expiry: number;
  /** The last full scan that has seen it. */
  round: number;
}

/** A key that is to be opened: its secret at rest, and where its clients listen besides. */
interface Opening {
  bunker: Bunker;
  secret: string | null | undefined;
  extra: string[];
  say: Say;
}

/** Milliseconds of opening keys before others get a turn. */
const TURN_MS = 5;

export interface BunkersOptions {
  store: Store;
  relays: Relays;
  relayUrls: string[];
  openers: Openers;
  gate: Gate;
  /** Which keys are this process's to serve. */
  holdings: Holdings;
  log: Logger;
  now(): number;
}

export class Bunkers {
  #options: BunkersOptions;
  #byNpub = new Map<string, Bunker>();
  #byPubkey = new Map<string, Bunker>();
  #farewell: Farewell;
  #slow: SlowLane<Opening>;
  #broken = 0;
  #round = 0;
  /** No key expires before. */
  #nextExpiry = Number.POSITIVE_INFINITY;
  #progress: (line: () => string) => void;
  #closed = false;

  constructor(options: BunkersOptions) {
    this.#options = options;
    const { relays, log, now } = options;
    this.#progress = sayNowAndThen(log);
    this.#farewell = new Farewell((pubkeys) => relays.update({ remove: pubkeys }), now);
    this.#slow = new SlowLane(async (opening) => this.#listen(await this.#open(opening)), log);
  }

  /** How many keys are served, have just been stopped, and could not be opened. */
  get counts(): { running: number; leaving: number; broken: number } {
    return { running: this.#byPubkey.size, leaving: this.#farewell.size, broken: this.#broken };
  }

  /** A time (milliseconds since 1970) before which no key loses its last token by expiry. */
  get nextExpiry(): number {
    return this.#nextExpiry;
  }

  /** Whether a key has been started, and not stopped since: it runs, is being opened, or cannot be. */
  has(npub: string): boolean {
    return this.#byNpub.has(npub);
  }

  /** Handles a verified event for a public key (hex), where a bunker runs for it or has just stopped. */
  of(pubkey: string): ((event: NostrEvent) => Promise<Handled>) | undefined {
    const { npub, key } = this.#byPubkey.get(pubkey) ?? this.#farewell.get(pubkey) ?? {};
    const { gate, holdings } = this.#options;
    if (npub === undefined || !key || !holdings.takes(pubkey)) return undefined;
    return (event) => handleRequest(event, npub, key, gate);
  }

  /** What greets a client (hex) that began a connection; undefined when no bunker runs for the key. */
  greeting(npub: string, client: string, secret: string): NostrEvent | undefined {
    const { holdings, now } = this.#options;
    const key = this.#byNpub.get(npub)?.key;
    return key && holdings.answers(key.pubkey) ? signGreeting(key, client, secret, now()) : undefined;
  }

  /** A full scan begins. */
  beginRound(): void {
    this.#round++;
  }

  /** The keys that have been neither started nor refreshed since the last full scan began. */
  unseen(): string[] {
    return [...this.#byNpub.values()].flatMap(({ npub, round }) => (round < this.#round ? [npub] : []));
  }

  /**
   * Opens the keys and listens for them, a few at a time. One that cannot be opened is reported, and the others run.
   * Those that a passphrase encrypts are opened later, and not waited for.
   */
  async start(keys: KeyState[]): Promise<void> {
    if (keys.length === 0) return;
    const { store, holdings, log } = this.#options;
    const say = sayOf(log, keys.length);
    const secrets = await store.secrets(keys.map(({ npub }) => npub));
    const opened: string[] = [];
    let turnEnds = performance.now() + TURN_MS;
    for (const { npub, expiry, relays: extra } of keys) {
      // Since it was read it may have become another process's to serve.
      if (!holdings.serves(npub)) continue;
      const bunker = { npub, key: undefined, isBroken: false, expiry, round: this.#round };
      const opening = { bunker, secret: secrets.get(npub), extra, say };
      this.#byNpub.set(npub, bunker);
      this.#nextExpiry = Math.min(this.#nextExpiry, expiry);
      if (formOf(opening.secret ?? "") === "ncryptsec") this.#slow.add(opening);
      else opened.push(...(await this.#open(opening)));
      if (performance.now() < turnEnds) continue;
      this.#listen(opened.splice(0));
      this.#progress(() => `${this.#byPubkey.size} bunkers run so far`);
      await nextTurn();
      turnEnds = performance.now() + TURN_MS;
    }
    this.#listen(opened);
  }

  /** Takes over until when these keys have tokens, and where their clients listen. */
  refresh(keys: KeyState[]): void {
    for (const { npub, expiry, relays } of keys) {
      const bunker = this.#byNpub.get(npub);
      if (!bunker) continue;
      bunker.round = this.#round;
      bunker.expiry = expiry;
      this.#nextExpiry = Math.min(this.#nextExpiry, expiry);
      if (bunker.key) this.#options.relays.extend(bunker.key.pubkey, relays);
    }
  }

  /** Stops serving these keys: from now on they refuse, and after a while they are silent. */
  stop(npubs: string[]): void {
    const say = sayOf(this.#options.log, npubs.length);
    for (const npub of npubs) {
      const key = this.#forget(npub)?.key;
      if (!key) continue;
      this.#byPubkey.delete(key.pubkey);
      this.#farewell.add(npub, key);
      say(npub, () => `${npub} stopped`);
    }
    if (npubs.length > MOST_NAMED) this.#options.log.info(`stopped ${npubs.length} bunkers`);
    this.#farewell.giveWay(this.#byPubkey.size);
  }

  /** The row of this key has changed: if it does not run, it is worth another try. */
  retry(npub: string): void {
    if (!this.#byNpub.get(npub)?.key) this.#forget(npub);
  }

  /** The keys whose last known token has expired. */
  expired(): string[] {
    const now = this.#options.now();
    const expired: string[] = [];
    this.#nextExpiry = Number.POSITIVE_INFINITY;
    for (const { npub, expiry } of this.#byNpub.values()) {
      if (expiry <= now) expired.push(npub);
      else this.#nextExpiry = Math.min(this.#nextExpiry, expiry);
    }
    return expired;
  }

  /** Forgets keys that are others' to serve now, at once; returns them for what is still in hand, to be destroyed. */
  drop(isGone: (npub: string) => boolean): LocalKey[] {
    const gone = [...this.#byNpub.keys()].filter(isGone);
    const keys = gone.flatMap((npub) => this.#forget(npub)?.key ?? []);
    for (const { pubkey } of keys) this.#byPubkey.delete(pubkey);
    keys.push(...this.#farewell.drop(isGone));
    this.#options.relays.update({ remove: keys.map(({ pubkey }) => pubkey) });
    return keys;
  }

  /** From now on no further key is opened: a start under way ends where it is. */
  halt(): void {
    this.#closed = true;
    this.#slow.clear();
  }

  /** Forgets every secret. */
  close(): void {
    this.halt();
    this.stop([...this.#byNpub.keys()]);
    this.#farewell.close();
  }

  /** The public key (hex) that a bunker runs for from now on; none where it cannot be opened, or is not to be any more. */
  async #open({ bunker, secret, extra, say }: Opening): Promise<string[]> {
    const { openers, relays, relayUrls, log } = this.#options;
    const { npub } = bunker;
    const isWanted = () => !this.#closed && this.#byNpub.get(npub) === bunker;
    if (!isWanted()) return [];
    const key = await openAloud(npub, secret, { openers, say, log });
    if (!isWanted()) key?.destroy();
    if (!isWanted()) return [];
    bunker.isBroken = !key;
    if (!key) this.#broken++;
    if (!key) return [];
    bunker.key = this.#stay(key);
    this.#byPubkey.set(key.pubkey, bunker);
    relays.extend(key.pubkey, extra);
    say(npub, () => `${npub} started`);
    say(npub, () => bunkerUri(key.pubkey, relayUrls));
    return [key.pubkey];
  }

  #listen(pubkeys: string[]): void {
    this.#farewell.giveWay(this.#byPubkey.size);
    this.#options.relays.update({ add: pubkeys });
  }

  /** The key as it was, if it was just leaving: requests in hand may hold it. */
  #stay(opened: LocalKey): LocalKey {
    const leaving = this.#farewell.take(opened.pubkey);
    if (!leaving) return opened;
    opened.destroy();
    return leaving;
  }

  #forget(npub: string): Bunker | undefined {
    const bunker = this.#byNpub.get(npub);
    this.#byNpub.delete(npub);
    if (bunker?.isBroken) this.#broken--;
    return bunker;
  }
}
