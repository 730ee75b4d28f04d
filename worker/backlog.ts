/**
 * What a relay keeps for a key and does not tell when it is asked to listen for it: answers are cut to the newest few
 * hundred events, and more may have come in the seconds in which nobody listened.
 */
import * as v from "valibot";
import { NostrEvent } from "../protocol/nostr.ts";
import { type Filter, SMALLEST_CUT } from "./relay-lookups.ts";
import type { Request } from "./subscription-frame.ts";

/** Milliseconds that the relay may take for each answer. */
const ANSWER_MS = 5_000;

/** What a relay has told of the events that it keeps, before its EOSE. */
interface Answer {
  filter: Filter;
  keys: ReadonlySet<string>;
  events: number;
  oldest: number;
}

export class Backlog {
  #ask: (filter: Filter, timeoutMs: number) => Promise<unknown>;
  /** By the ids of subscriptions. */
  #answers = new Map<string, Answer>();
  /** One after the other: relays count what is asked at once, and listening comes first. */
  #questions: Filter[] = [];
  #asking = false;

  /** @param ask has what the relay tells handed on */
  constructor(ask: (filter: Filter, timeoutMs: number) => Promise<unknown>) {
    this.#ask = ask;
  }

  /** REQ or CLOSE: what an earlier REQ of that id has asked for is not answered any more. */
  asked([, id, ...filters]: Request): void {
    this.#answers.delete(id);
    const filter = filters.find(({ limit }) => limit === undefined);
    if (!filter) return;
    this.#answers.set(id, {
      filter,
      keys: new Set(filter["#p"]),
      events: 0,
      oldest: Number.POSITIVE_INFINITY,
    });
  }

  /** EVENT */
  heard(id: string, event: unknown): void {
    const answer = this.#answers.get(id);
    if (!answer || !v.is(NostrEvent, event)) return;
    if (!event.tags.some(([name, value = ""]) => name === "p" && answer.keys.has(value))) return;
    answer.events++;
    answer.oldest = Math.min(answer.oldest, event.created_at);
  }

  /** EOSE. What the relay has held back is asked for. */
  answered(id: string): void {
    const answer = this.#answers.get(id);
    this.#answers.delete(id);
    if (!answer || answer.events < SMALLEST_CUT) return;
    this.#questions.push({ ...answer.filter, until: answer.oldest });
    if (!this.#asking) void this.#askAll();
  }

  lost(): void {
    this.#answers.clear();
    this.#questions = [];
  }

  async #askAll(): Promise<void> {
    this.#asking = true;
    for (let filter = this.#questions.shift(); filter; filter = this.#questions.shift())
      await this.#ask(filter, ANSWER_MS);
    this.#asking = false;
  }
}
