/**
 * One answer of a relay, from REQ to EOSE (NIP-01), and what it may have left out: relays cut answers to the newest few
 * hundred events, or the first megabytes of them, and do not say so.
 */
import * as v from "valibot";
import { NostrEvent } from "../protocol/nostr.ts";
import { bytesOf } from "./event-bytes.ts";

/** Less than that is whole. A cut is counted in the relay's own characters, of which one here may be six. */
const SMALLEST_CUT = { events: 100, bytes: 262_144 };

/** A filter of NIP-01, as far as it is written here. */
export interface Filter {
  kinds: number[];
  authors?: string[];
  "#p": string[];
  since: number;
  until?: number;
}

export class Answer {
  /** Also those that are no events. */
  events = 0;
  bytes = 0;
  /** In seconds. */
  #oldest = Number.POSITIVE_INFINITY;
  #keys: ReadonlySet<string>;

  /** @param keys (hex) of the filter @param before what counts as well */
  constructor(keys: Iterable<string>, before?: Answer) {
    this.#keys = new Set(keys);
    if (!before) return;
    this.events = before.events;
    this.bytes = before.bytes;
    this.#oldest = before.#oldest;
  }

  /** Returns it as an event, unverified. */
  add(event: unknown): NostrEvent | undefined {
    if (!v.is(NostrEvent, event)) {
      this.events++;
      return undefined;
    }
    const recipients = event.tags.flatMap(([name, value = ""]) => (name === "p" ? [value] : []));
    // Of other keys only the youngest were asked for, which are no part of this.
    if (!recipients.some((key) => this.#keys.has(key))) return event;
    this.events++;
    this.bytes += bytesOf(event);
    // One for several may have been told for the sake of the others.
    if (recipients.length === 1) this.#oldest = Math.min(this.#oldest, event.created_at);
    return event;
  }

  /** What to ask for in order to hear what was left out; undefined if that is nothing, or cannot be had. */
  rest(filter: Filter): Filter | undefined {
    const { until = Number.POSITIVE_INFINITY, since } = filter;
    if (this.events < SMALLEST_CUT.events && this.bytes < SMALLEST_CUT.bytes) return undefined;
    // It has told nothing that helps, or knows no `until`.
    if (this.#oldest === Number.POSITIVE_INFINITY || this.#oldest > until) return undefined;
    // Of a second that fills an answer by itself there is no telling more.
    const rest = this.#oldest === until ? until - 1 : this.#oldest;
    return rest < since ? undefined : { ...filter, until: rest };
  }
}
