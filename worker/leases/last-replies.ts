/**
 * What a worker that died had still answered: its last replies may be in no audit log, but relays keep them for as long
 * as the requests. They are asked for when the first request of such a client comes; many that come together are one
 * question.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import { NOSTR_CONNECT } from "../../protocol/nostr.ts";
import { repliesTo } from "../nip46.ts";
import type { Filter } from "../relay-answer.ts";
import type { End, OnFound } from "../relay-lookups.ts";
import { REMEMBERED_MS, type Unlogged } from "./holdings.ts";
import { Replies } from "./replies.ts";

/** Keys and clients of one question, at most: relays count the values of a filter. */
const MOST_ASKED = 250;
/** Milliseconds from one question to the next. */
const PAUSE_MS = 100;
/**
 * Milliseconds in which relays that are slow, break off or count what they are asked are asked again: what they do not
 * tell would be signed twice.
 */
const QUESTION_MS = 10_000;
/** Clients whose replies are kept. */
const MOST_KEPT = 20_000;
/** `created_at` counts whole seconds. */
const SECOND_MS = 1_000;

export interface LastRepliesOptions {
  /** Asks the relays, and tells how it ended with each. */
  ask(filter: Filter, timeoutMs: number, onFound: OnFound): Promise<End[]>;
  /** When replies of a key (hex) may have been sent that are in no log; null where all are. */
  unlogged(pubkey: string): Unlogged | null;
}

interface Question {
  pubkey: string;
  client: string;
  since: number;
  answer(replies: string[]): void;
}

export class LastReplies {
  #options: LastRepliesOptions;
  #known = new LRUCache<string, Promise<ReadonlySet<string>>>({ max: MOST_KEPT, ttl: REMEMBERED_MS });
  #questions: Question[] = [];
  #asking = false;

  constructor(options: LastRepliesOptions) {
    this.#options = options;
  }

  /**
   * The ids of requests that a key has answered for a client (hex) before it was served here; undefined where the log
   * tells all.
   */
  find(
    pubkey: string,
    client: string,
    decrypt: (reply: string) => string,
  ): Promise<ReadonlySet<string>> | undefined {
    const unlogged = this.#options.unlogged(pubkey);
    if (unlogged === null) return undefined;
    const { since, gain } = unlogged;
    const name = `${gain} ${pubkey} ${client}`;
    const known = this.#known.get(name);
    if (known) return known;
    const asked = new Promise<string[]>((answer) => this.#questions.push({ pubkey, client, since, answer }));
    const ids = asked.then((replies) => new Set(replies.flatMap((reply) => repliesTo(decrypt(reply)) ?? [])));
    this.#known.set(name, ids);
    if (!this.#asking) void this.#askAll();
    return ids;
  }

  async #askAll(): Promise<void> {
    this.#asking = true;
    let most = MOST_ASKED;
    let isOfSize = true;
    while (this.#questions.length > 0) {
      const questions = this.#questions.splice(0, most);
      const { replies, isTooLarge } = await this.#ask(questions);
      if (isTooLarge && isOfSize && questions.length > 1) {
        most = Math.ceil(questions.length / 2);
        this.#questions.unshift(...questions);
      } else {
        for (const question of questions) question.answer(replies.of(question));
        // To a relay that does not take one either, fewer are not less.
        if (isTooLarge) [most, isOfSize] = [MOST_ASKED, false];
      }
      await sleep(PAUSE_MS);
    }
    this.#asking = false;
  }

  /** What relays have, in full if they tell it in time. */
  async #ask(questions: Question[]): Promise<{ replies: Replies; isTooLarge: boolean }> {
    const replies = new Replies(questions);
    const filter = {
      kinds: [NOSTR_CONNECT],
      authors: [...new Set(questions.map(({ pubkey }) => pubkey))],
      "#p": [...new Set(questions.map(({ client }) => client))],
      since: Math.floor((Math.min(...questions.map(({ since }) => since)) - SECOND_MS) / SECOND_MS),
    };
    const deadline = performance.now() + QUESTION_MS;
    for (;;) {
      const left = deadline - performance.now();
      const ends = await this.#options
        .ask(filter, left, (event) => replies.add(event))
        .catch((): End[] => []);
      const isTooLarge = ends.includes("too large");
      // A relay that is away is not waited for where another has told.
      const hasTold = ends.some((end) => end !== "lost");
      if (hasTold || performance.now() + PAUSE_MS >= deadline) return { replies, isTooLarge };
      await sleep(PAUSE_MS);
    }
  }
}
