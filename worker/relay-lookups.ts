/**
 * Questions to one relay about events that it has kept (NIP-01): REQs that are closed as soon as they are answered.
 * Relays cut their answers to the newest few hundred events, so older ones are asked for until there are no more.
 */
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { NostrEvent } from "../protocol/nostr.ts";
import { refusalOf, verdictOf } from "./refusal.ts";

/** An answer of fewer events is certainly whole: no relay is known to cut earlier. */
export const SMALLEST_CUT = 100;
/** Events of one answer, and answers to one question; a relay that has more is not listened to. */
const MOST_ON_PAGE = 5_000;
const MOST_PAGES = 20;
/** Relays count REQs: milliseconds from one answer to the next question. */
const PAUSE_MS = 250;
/** A relay that will not answer at the moment is asked again so often, after ever longer. */
const MOST_TRIES = 4;

/** A filter of NIP-01, as far as it is written here. */
export interface Filter {
  kinds: number[];
  authors?: string[];
  "#p": string[];
  since: number;
  until?: number;
}

/**
 * How a question ended. `done`: asked again, the relay would say no more; `broken off`: the connection is gone, or the
 * relay took too long; `too large`: it may tell of fewer keys.
 */
export type End = "done" | "broken off" | "too large";

/** Is given each event as it comes, unverified; one may come twice. */
export type OnFound = (event: NostrEvent) => void;

interface Page {
  end: End | "not now";
  events: number;
  oldest: number;
}

interface Lookup {
  found(event: NostrEvent): void;
  end(end: Page["end"]): void;
}

export class Lookups {
  #send: (message: unknown[]) => void;
  #underWay = new Map<string, Lookup>();
  #serial = 0;

  constructor(send: (message: unknown[]) => void) {
    this.#send = send;
  }

  /** Tells of what the relay has that passes a filter; of what it has sent by then, when an answer takes too long. */
  async ask(filter: Filter, timeoutMs: number, onFound: OnFound): Promise<End> {
    let { until } = filter;
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      if (pages > 0) await sleep(PAUSE_MS);
      const page = until === undefined ? filter : { ...filter, until };
      const { end, events, oldest } = await this.#insist(page, timeoutMs, onFound);
      if (end !== "done" || events < SMALLEST_CUT) return end;
      // It knows no `until`.
      if (until !== undefined && oldest > until) break;
      // Of a second that fills an answer by itself there is no telling more.
      until = oldest === until ? oldest - 1 : oldest;
      if (until < filter.since) break;
    }
    return "done";
  }

  /** EVENT. False when it is not about a lookup. */
  found(id: string, event: unknown): boolean {
    const lookup = this.#underWay.get(id);
    if (lookup && v.is(NostrEvent, event)) lookup.found(event);
    return lookup !== undefined;
  }

  /** EOSE, after which the relay would go on with events to come. */
  answered(id: string): boolean {
    const lookup = this.#underWay.get(id);
    if (lookup) this.#send(["CLOSE", id]);
    lookup?.end("done");
    return lookup !== undefined;
  }

  /** CLOSED */
  refused(id: string, reason: string): boolean {
    const lookup = this.#underWay.get(id);
    const refusal = refusalOf(reason);
    // Its places are taken by what it listens for.
    const isFinal = refusal === "count" || verdictOf(false, reason) === "never";
    lookup?.end(refusal === "size" ? "too large" : isFinal ? "done" : "not now");
    return lookup !== undefined;
  }

  /** The connection is gone. */
  lost(): void {
    for (const { end } of this.#underWay.values()) end("broken off");
  }

  async #insist(filter: Filter, timeoutMs: number, onFound: OnFound): Promise<Page & { end: End }> {
    for (let tries = 1; ; tries++) {
      const page = await this.#page(filter, timeoutMs, onFound);
      const { end } = page;
      if (end !== "not now") return { ...page, end };
      if (tries === MOST_TRIES) return { ...page, end: "done" };
      await sleep(PAUSE_MS * 2 ** (tries - 1));
    }
  }

  #page(filter: Filter, timeoutMs: number, onFound: OnFound): Promise<Page> {
    const id = `lookup-${++this.#serial}`;
    return new Promise((resolve) => {
      let events = 0;
      let oldest = Number.POSITIVE_INFINITY;
      const found = (event: NostrEvent) => {
        if (++events > MOST_ON_PAGE) return;
        oldest = Math.min(oldest, event.created_at);
        onFound(event);
      };
      const end = (end: Page["end"]) => {
        clearTimeout(timer);
        this.#underWay.delete(id);
        resolve({ end, events, oldest });
      };
      const timer = setTimeout(() => {
        this.#send(["CLOSE", id]);
        end("broken off");
      }, timeoutMs);
      this.#underWay.set(id, { found, end });
      this.#send(["REQ", id, filter]);
    });
  }
}
