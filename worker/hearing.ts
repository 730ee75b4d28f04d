/**
 * Finds out whether relays deliver: the worker sends itself questions, through one relay at a time, and
 * notes which come back through that relay's subscriptions. A relay that confirms a subscription and then
 * delivers nothing is found by nothing else.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { NOSTR_CONNECT } from "../protocol/nostr.ts";
import type { LocalKey } from "./keys.ts";
import type { Logger } from "./log.ts";
import { npubOf } from "./npub.ts";
import type { Relays } from "./relays.ts";

/** Milliseconds between two looks at whether a relay is due; one that has just come back is asked that soon. */
const LOOK_MS = 1_000;
/** Milliseconds after which a question that has not come back never will. */
const ANSWER_MS = 5_000;
/** Questions to one relay at a time. */
const MOST_QUESTIONS = 32;

/** What is known of one relay. */
interface Ear {
  due: number;
  /** Counts questions: it walks through the subscriptions, and at each round to the next key of each. */
  turn: number;
  /** Keys (hex) under way, by the id of the question. */
  asked: Map<string, string>;
  deaf: Set<string>;
  heardAt: number | null;
  /** It takes no questions, so it cannot be known whether it delivers. */
  refuses: boolean;
}

export interface Heard {
  /** When a question last came back since the relay was connected; milliseconds since 1970. */
  heardAt: number | null;
  /** Keys (npubs) whose last question did not come back. */
  deaf: string[];
  refuses: boolean;
}

export interface HearingOptions {
  /** In whose name the questions are asked: nobody else's. */
  identity: LocalKey;
  relays: Relays;
  relayUrls: string[];
  /** Whether a key (hex) is served. */
  isServed(pubkey: string): boolean;
  intervalMs: number;
  log: Logger;
  now(): number;
}

export class Hearing {
  #options: HearingOptions;
  #ears: Map<string, Ear>;
  #timer: NodeJS.Timeout;
  #verdicts = new Set<NodeJS.Timeout>();
  #closed = false;

  constructor(options: HearingOptions) {
    this.#options = options;
    this.#ears = new Map(options.relayUrls.map((url) => [url, newEar()]));
    this.#timer = setInterval(() => this.#look(), Math.min(LOOK_MS, options.intervalMs));
  }

  /** Takes an event that is a question of the worker to itself; false for all others, which are not for here. */
  take(event: unknown, relay: string): boolean {
    if (!isBy(event, this.#options.identity.pubkey)) return false;
    const ear = this.#ears.get(relay);
    const pubkey = ear?.asked.get(event.id);
    if (!ear || pubkey === undefined) return true;
    ear.asked.delete(event.id);
    ear.heardAt = this.#options.now();
    ear.refuses = false;
    if (ear.deaf.delete(pubkey)) this.#say("info", relay, pubkey, "is heard again");
    return true;
  }

  /** The relay did not take an event; if that was a question, nothing is known of its key. */
  refused(id: string, relay: string): void {
    const ear = this.#ears.get(relay);
    if (!ear?.asked.delete(id) || ear.heardAt !== null || ear.refuses) return;
    ear.refuses = true;
    this.#options.log.warn({ relay }, `cannot tell whether ${relay} delivers: it does not take questions`);
  }

  /** What is known of a relay (its URL). */
  of(relay: string): Heard {
    const { heardAt, deaf, refuses } = this.#ears.get(relay) ?? newEar();
    return { heardAt, deaf: [...deaf].map((pubkey) => npubOf(pubkey)), refuses };
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    for (const timer of this.#verdicts) clearTimeout(timer);
  }

  #look(): void {
    const { relays, isServed, intervalMs, now } = this.#options;
    const connected = new Set(
      relays
        .status()
        .filter(({ connected }) => connected)
        .map(({ url }) => url),
    );
    for (const [relay, ear] of this.#ears) {
      // What was known of the connection before says nothing of the next one.
      if (!connected.has(relay)) this.#ears.set(relay, { ...newEar(), turn: ear.turn });
      else if (ear.due <= now() && ear.asked.size === 0) {
        for (const pubkey of ear.deaf) if (!isServed(pubkey)) ear.deaf.delete(pubkey);
        const listening = relays.listening(relay);
        if (listening.length === 0) continue;
        ear.due = now() + intervalMs;
        void this.#ask(relay, ear, choose(ear, listening));
      }
    }
  }

  async #ask(relay: string, ear: Ear, pubkeys: string[]): Promise<void> {
    const { identity, relays, now } = this.#options;
    const ids: string[] = [];
    for (const pubkey of pubkeys) {
      // Signing takes milliseconds, and requests come first.
      await nextTurn();
      if (this.#closed) return;
      const question = identity.sign({
        kind: NOSTR_CONNECT,
        content: "Does this arrive?",
        tags: [["p", pubkey]],
        created_at: Math.floor(now() / 1000),
      });
      ids.push(question.id);
      ear.asked.set(question.id, pubkey);
      relays.publishTo(relay, question);
    }
    const timer = setTimeout(() => {
      this.#verdicts.delete(timer);
      this.#judge(relay, ear, ids);
    }, ANSWER_MS);
    this.#verdicts.add(timer);
  }

  /** Whichever of these questions have not come back have met a deaf ear. Their subscriptions are sent again. */
  #judge(relay: string, ear: Ear, ids: string[]): void {
    const { relays, isServed } = this.#options;
    if (this.#ears.get(relay) !== ear) return;
    const missed = ids.flatMap((id) => ear.asked.get(id) ?? []).filter(isServed);
    for (const id of ids) ear.asked.delete(id);
    for (const pubkey of missed) {
      if (!ear.deaf.has(pubkey))
        this.#say("error", relay, pubkey, "is deaf: the relay does not deliver to it");
      ear.deaf.add(pubkey);
    }
    if (missed.length > 0) relays.renew(relay, missed);
  }

  #say(level: "info" | "error", relay: string, pubkey: string, what: string): void {
    const npub = npubOf(pubkey);
    this.#options.log[level]({ npub, relay }, `${npub} ${what}`);
  }
}

const newEar = (): Ear => ({
  due: 0,
  turn: 0,
  asked: new Map(),
  deaf: new Set(),
  heardAt: null,
  refuses: false,
});

/** First those that were deaf, then one key of each subscription: over time, every key. */
const choose = (ear: Ear, listening: string[][]): string[] => {
  const all = new Set(listening.flat());
  const chosen = new Set([...ear.deaf].filter((pubkey) => all.has(pubkey)).slice(0, MOST_QUESTIONS / 2));
  for (const _ of listening.slice(0, MOST_QUESTIONS / 2)) {
    const pubkeys = listening[ear.turn % listening.length] ?? [];
    const pubkey = pubkeys[Math.floor(ear.turn / listening.length) % pubkeys.length];
    if (pubkey) chosen.add(pubkey);
    ear.turn++;
  }
  return [...chosen];
};

const isBy = (event: unknown, pubkey: string): event is { id: string } =>
  typeof event === "object" &&
  event !== null &&
  "pubkey" in event &&
  event.pubkey === pubkey &&
  "id" in event &&
  typeof event.id === "string";
