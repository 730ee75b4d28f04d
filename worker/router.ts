/**
 * From a relay's event to the bunker it is for. Everything a stranger can send passes here, and nothing
 * of it can throw: garbage is counted and dropped.
 */
import { LRUCache } from "lru-cache";
import * as v from "valibot";
import { NOSTR_CONNECT, NostrEvent } from "../protocol/nostr.ts";
import type { Deed, Handled } from "./bunker.ts";
import { verifyEvent } from "./crypto/event.ts";
import { within } from "./db/session.ts";
import { bytesOf } from "./event-bytes.ts";
import type { Logger } from "./log.ts";
import { MAX_CONTENT_LENGTH } from "./nip46.ts";
import { turn } from "./pace.ts";
import { TwoLaneQueue } from "./queue.ts";
import { nameOf, Seen } from "./seen.ts";
import { UnderWay } from "./under-way.ts";

/** Seconds that a request's `created_at` may be away from now; older ones have nobody waiting. */
const FRESH_SECONDS = 120;
/** Events that were handled are known for twice that time, up to 1,500 a second. */
const SEEN_MS = 2 * FRESH_SECONDS * 1_000;
const MOST_SEEN = 1.5 * SEEN_MS;
/** Clients that were let in lately, and so do not queue with strangers. */
const KNOWN_SIZE = 100_000;
/** Events under way: those that wait for the database. */
const MOST_UNDER_WAY = 500;
/** Milliseconds between two times that relays are asked again for what was turned away. */
const ASK_AGAIN_MS = 10_000;
/** For how long relays keep requests that nobody answers: those of a key that is new here come all at once. */
const KEPT_MS = 60_000;

/** What became of the events so far. */
export type Counts = Record<
  "answered" | "refused" | "garbage" | "stale" | "duplicate" | "forged" | "overload" | "failed" | "elsewhere",
  number
>;

export interface RouterOptions {
  /** The bunker of a public key (hex): handles a verified event, or undefined when none runs. */
  bunkerOf(pubkey: string): ((event: NostrEvent) => Promise<Handled>) | undefined;
  /** Whether a reply of this key (hex) may leave the process; if not, another may answer the request. */
  mayAnswer(pubkey: string): boolean;
  publish(event: NostrEvent): void;
  /** Those who were let in, or waited for this worker, have been turned away for want of room: now there is some. */
  askAgain(): void;
  /** Told of each request that got a reply, with the time from its receipt to the reply's publication. */
  onHandled?(what: Deed, milliseconds: number): void;
  log: Logger;
  /** Milliseconds since 1970. */
  now(): number;
}

/** An event that has passed the first look. */
interface Received {
  event: NostrEvent;
  /** What it is known by to `Seen`. */
  name: number;
  bytes: number;
  /** By the clock of `performance.now()`. */
  at: number;
}

export class Router {
  readonly counts: Counts = {
    answered: 0,
    refused: 0,
    garbage: 0,
    stale: 0,
    duplicate: 0,
    forged: 0,
    overload: 0,
    failed: 0,
    elsewhere: 0,
  };
  #options: RouterOptions;
  #queue = new TwoLaneQueue<Received>();
  #known = new LRUCache<string, true>({ max: KNOWN_SIZE });
  #underWay = new UnderWay();
  #hasRoom: (() => void) | undefined;
  #seen: Seen;
  #working: Promise<void> | undefined;
  #draining = false;
  #givenUp = false;
  #hasTurnedAway = false;
  #askedAgainAt = Number.NEGATIVE_INFINITY;
  #askingAgain: NodeJS.Timeout | undefined;
  #gainedAt = Number.NEGATIVE_INFINITY;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#seen = new Seen({ timeMs: SEEN_MS, most: MOST_SEEN, now: options.now });
  }

  /** Takes whatever a relay sent as an event. */
  receive(message: unknown): void {
    if (this.#draining) return;
    // As it came: the copy that parsing makes is larger, and would be kept for as long as the request is under way.
    if (
      !v.is(NostrEvent, message) ||
      message.kind !== NOSTR_CONNECT ||
      message.content.length > MAX_CONTENT_LENGTH
    ) {
      this.counts.garbage++;
      return;
    }
    const event = message;
    // Here already: after a reconnect, or a change of subscriptions, thousands may come that were seen before.
    const name = nameOf(event.id);
    if (this.#seen.has(name)) {
      this.counts.duplicate++;
      return;
    }
    // As it says of itself: who lies gains a place in the queue, or loses his own, and no more.
    const isKnown = this.#known.has(event.pubkey);
    const at = performance.now();
    if (!this.#queue.push({ event, name, bytes: bytesOf(event), at }, isKnown)) {
      this.counts.overload++;
      this.#hasTurnedAway ||= isKnown || at - this.#gainedAt < KEPT_MS;
      return;
    }
    this.#working ??= this.#work();
  }

  /** Keys are served here from now on. These events (ids) were answered before, and these clients (hex) let in. */
  remember(ids: Iterable<string>, clients: Iterable<string>): void {
    this.#gainedAt = performance.now();
    for (const id of ids) this.#seen.add(nameOf(id));
    for (const client of clients) this.#known.set(client, true);
  }

  /** Resolves when the requests that are under way now are done, or after `timeoutMs`. */
  async settle(timeoutMs: number): Promise<void> {
    await within(this.#underWay.done(), timeoutMs, "not done").catch(() => {});
  }

  /** Takes nothing new; resolves when what is in hand is done, or after `timeoutMs`. */
  async drain(timeoutMs: number): Promise<void> {
    this.#draining = true;
    clearTimeout(this.#askingAgain);
    const done = (async () => {
      await this.#working;
      await this.#underWay.done();
    })();
    await within(done, timeoutMs, "not done").catch(() => {});
    this.#givenUp = true;
  }

  async #work(): Promise<void> {
    while (this.#queue.size > 0 && !this.#givenUp) {
      for (let left = await turn(this.#queue.size); left > 0 && !this.#givenUp; left--) {
        const next = this.#queue.take();
        if (next) void this.#handle(next);
      }
      if (this.#underWay.size >= MOST_UNDER_WAY) await this.#room();
    }
    this.#askAgain();
    // In the same breath as the last look at the queue: what comes from now on begins anew. (Never without having waited
    // for a turn before, as there was something in the queue: or it would be overwritten by whoever began this.)
    this.#working = undefined;
  }

  /** Asks relays for what was turned away, if anything was: now, or as soon as it may be asked for again. */
  #askAgain(): void {
    if (!this.#hasTurnedAway || this.#draining) return;
    const wait = this.#askedAgainAt + ASK_AGAIN_MS - performance.now();
    if (wait > 0) {
      this.#askingAgain ??= setTimeout(() => {
        this.#askingAgain = undefined;
        // Or else it is done when that is.
        if (!this.#working) this.#askAgain();
      }, wait);
      return;
    }
    this.#hasTurnedAway = false;
    this.#askedAgainAt = performance.now();
    this.#options.askAgain();
  }

  /** Resolves when one of the events under way is done with. */
  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#hasRoom = resolve;
    });
  }

  /** Never rejects. */
  async #handle(received: Received): Promise<void> {
    const group = this.#underWay.begin();
    try {
      const handled = await this.#deliver(received);
      if (!handled) return;
      if (!("reply" in handled)) {
        this.counts[handled.kind]++;
        return;
      }
      if (!this.#options.mayAnswer(handled.reply.pubkey)) {
        this.counts.elsewhere++;
        // Should it come here again after all, it was not answered.
        this.#seen.delete(received.name);
        return;
      }
      this.#options.publish(handled.reply);
      this.counts[handled.kind]++;
      const { known, client } = handled.what;
      if (known && !this.#known.get(client)) this.#known.set(client, true);
      this.#options.onHandled?.(handled.what, performance.now() - received.at);
    } catch (error) {
      this.counts.failed++;
      this.#options.log.error({ err: error }, "a request could not be handled");
    } finally {
      this.#underWay.end(group);
      this.#hasRoom?.();
    }
  }

  /** The checks, cheapest first; null when the event ends here. */
  #deliver({ event, name }: Received): Promise<Handled> | null {
    const bunker = this.#addressee(event);
    if (!bunker) return null;
    if (Math.abs(event.created_at - this.#options.now() / 1000) > FRESH_SECONDS) return this.#drop("stale");
    if (this.#seen.has(name)) return this.#drop("duplicate");
    if (!verifyEvent(event)) return this.#drop("forged");
    // Only now: before, a forgery under the id of a real request would keep the real one out.
    this.#seen.add(name);
    return bunker(event);
  }

  /** The first of the keys that it is addressed to that runs here. */
  #addressee({ tags }: NostrEvent): ReturnType<RouterOptions["bunkerOf"]> {
    for (const tag of tags) {
      const bunker = tag[0] === "p" && tag[1] ? this.#options.bunkerOf(tag[1]) : undefined;
      if (bunker) return bunker;
    }
    return undefined;
  }

  #drop(reason: "stale" | "duplicate" | "forged"): null {
    this.counts[reason]++;
    return null;
  }
}
