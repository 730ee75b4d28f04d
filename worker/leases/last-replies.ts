/**
 * What a worker that died had still answered: its last replies may be in no audit log, but relays keep them for as long
 * as the requests. They are asked for when the first request of such a client comes; many that come together are one
 * question.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import { NOSTR_CONNECT, type NostrEvent } from "../../protocol/nostr.ts";
import { repliesTo } from "../nip46.ts";
import type { Filter } from "../relay-lookups.ts";
import type { Findings } from "../relays.ts";
import { REMEMBERED_MS, type Unlogged } from "./holdings.ts";

/** Keys and clients of one question, at most: relays count the values of a filter. */
const MOST_ASKED = 250;
/** Milliseconds from one question to the next, and that relays may take for an answer. */
const PAUSE_MS = 100;
const ANSWER_MS = 2_000;
/** A relay that is slow or breaks off is asked again, after ever longer: what it does not tell would be signed twice. */
const MOST_TRIES = 4;
/** Clients whose replies are kept. */
const MOST_KEPT = 20_000;
/** `created_at` counts whole seconds. */
const SECOND_MS = 1_000;

export interface LastRepliesOptions {
  /** Asks the relays. Events are unverified: only who has the key or is the client could have encrypted what is in them. */
  ask(filter: Filter, timeoutMs: number): Promise<Findings>;
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
    while (this.#questions.length > 0) {
      const questions = this.#questions.splice(0, most);
      const { events, end } = await this.#insist(filterOf(questions));
      if (end === "too large" && questions.length > 1) {
        most = Math.ceil(questions.length / 2);
        this.#questions.unshift(...questions);
      } else {
        answer(questions, events);
      }
      await sleep(PAUSE_MS);
    }
    this.#asking = false;
  }

  /** What relays have, in full if they tell it within some tries. */
  async #insist(filter: Filter): Promise<Findings> {
    const found: NostrEvent[] = [];
    for (let tries = 1; ; tries++) {
      const { events, end } = await this.#options
        .ask(filter, ANSWER_MS)
        .catch((): Findings => ({ events: [], end: "broken off" }));
      found.push(...events);
      if (end !== "broken off" || tries === MOST_TRIES) return { events: found, end };
      await sleep(PAUSE_MS * 2 ** tries);
    }
  }
}

/** One question for the replies of all these keys to all these clients. */
const filterOf = (questions: Question[]): Filter => ({
  kinds: [NOSTR_CONNECT],
  authors: [...new Set(questions.map(({ pubkey }) => pubkey))],
  "#p": [...new Set(questions.map(({ client }) => client))],
  since: Math.floor((Math.min(...questions.map(({ since }) => since)) - SECOND_MS) / SECOND_MS),
});

/** Each gets its own. */
const answer = (questions: Question[], events: NostrEvent[]): void => {
  const replies = new Map<string, string[]>();
  for (const { pubkey, tags, content } of events) {
    const name = `${pubkey} ${tags.find(([name]) => name === "p")?.[1]}`;
    replies.set(name, [...(replies.get(name) ?? []), content]);
  }
  for (const { pubkey, client, answer } of questions) answer(replies.get(`${pubkey} ${client}`) ?? []);
};
