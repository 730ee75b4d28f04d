/**
 * What a relay keeps for keys and left out of its answer when it was asked to listen for them: more may have come in the
 * seconds in which nobody listened than it tells at once.
 */
import { Answer, type Filter } from "./relay-answer.ts";
import { leftOf, type Outcome } from "./relay-lookups.ts";
import type { SubscriptionFrame } from "./subscription-frame.ts";

/**
 * How fast it is read: somewhat slower than the edge's relay lets one address speak and read. Each request has a reply,
 * and none of that must have the relay refuse to listen for others.
 */
const PER_SECOND = { events: 150, bytes: 200_000 };
/** Milliseconds after which a relay that would not answer is asked again, and then after ever longer. */
const PAUSE_MS = 1_000;
/** For how long it is tried: after that nobody waits for a reply. */
const WORTH_MS = 60_000;
/** Keys of one question. */
const MOST_KEYS = 1_000;

/** What a relay has been asked to tell, and what it has told so far. */
interface Asked {
  filter: Filter;
  answer: Answer;
}

/** What is still to be asked. */
interface Question {
  filter: Filter;
  /** By the clock of `performance.now()`. */
  until: number;
}

export class Backlog {
  #ask: (filter: Filter) => Promise<Outcome>;
  /** Both by the ids of subscriptions. */
  #asked = new Map<string, Asked>();
  #questions = new Map<string, Question>();
  #isReading = false;
  #timer: NodeJS.Timeout | undefined;
  #connection = {};

  /** @param ask asks the relay once, and hands on what it tells */
  constructor(ask: (filter: Filter) => Promise<Outcome>) {
    this.#ask = ask;
  }

  /** REQ or CLOSE is said to the relay. */
  asked([type, id, ...filters]: SubscriptionFrame): void {
    const before = this.#asked.get(id);
    this.#asked.delete(id);
    if (type === "CLOSE") this.#questions.delete(id);
    const filter = filters.find(({ limit }) => limit === undefined);
    if (!filter) return;
    // The EOSE that comes first may be that of an earlier REQ.
    const answer = new Answer(filter["#p"], before?.answer);
    this.#asked.set(id, { filter, answer });
  }

  /** EVENT */
  heard(id: string, event: unknown): void {
    this.#asked.get(id)?.answer.add(event);
  }

  /** EOSE. What the relay has left out is read. */
  answered(id: string): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    const rest = asked?.answer.rest(asked.filter);
    if (!asked || !rest) return;
    this.#remember(id, { filter: rest, until: performance.now() + WORTH_MS });
    if (!this.#isReading) this.#readIn(paceOf(asked.answer));
  }

  lost(): void {
    clearTimeout(this.#timer);
    this.#asked.clear();
    this.#questions.clear();
    this.#isReading = false;
    this.#connection = {};
  }

  #remember(id: string, { filter, until }: Question): void {
    const other = this.#questions.get(id);
    if (!other) this.#questions.set(id, { filter, until });
    else
      this.#questions.set(id, {
        filter: both(filter, other.filter),
        until: Math.max(until, other.until),
      });
  }

  #readIn(pause: number): void {
    this.#isReading = true;
    this.#timer = setTimeout(() => void this.#read(pause), pause);
  }

  /** One question after the other, each in turn. */
  async #read(pause: number): Promise<void> {
    const connection = this.#connection;
    const [next] = this.#questions;
    this.#isReading = next !== undefined;
    if (!next) return;
    const [id, { filter, until }] = next;
    this.#questions.delete(id);
    const outcome = await this.#ask(filter);
    if (connection !== this.#connection) return;
    const left = leftOf(filter, outcome);
    if (left && performance.now() < until) this.#remember(id, { filter: left, until });
    this.#readIn(left === filter ? Math.max(PAUSE_MS, 2 * pause) : paceOf(outcome.answer));
  }
}

/** Milliseconds that the relay is left alone after such an answer. */
const paceOf = ({ events, bytes }: Answer): number =>
  1_000 * Math.max(events / PER_SECOND.events, bytes / PER_SECOND.bytes);

/** What asks for all that either asks for. */
const both = (newer: Filter, older: Filter): Filter => ({
  ...newer,
  "#p": [...new Set([...newer["#p"], ...older["#p"]])].slice(0, MOST_KEYS),
  since: Math.min(newer.since, older.since),
  until: Math.max(newer.until ?? 0, older.until ?? 0),
});
