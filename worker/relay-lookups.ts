/** Questions to one relay about events that it has kept (NIP-01): a REQ that is closed as soon as it is answered. */
import { setTimeout as sleep } from "node:timers/promises";
import type { NostrEvent } from "../protocol/nostr.ts";
import { isForNow, refusalOf } from "./refusal.ts";
import { Answer, type Filter } from "./relay-answer.ts";

/** Milliseconds that a relay may take for one answer. */
const ANSWER_MS = 2_000;
/** Milliseconds after which a relay that would not answer at the moment is asked again, and then after ever longer. */
const PAUSE_MS = 250;
/** Events of one answer that are handed on. */
const MOST_TOLD = 5_000;

/**
 * How a question ended. `told`: by EOSE; `not now`: it would perhaps answer later; `too large`: it may tell of fewer keys;
 * `refused`: it will not tell; `late`: it took too long; `lost`: the connection is gone.
 */
export type End = "told" | "not now" | "too large" | "refused" | "late" | "lost";

/** What came of a filter that was asked for once. */
export interface Outcome {
  end: End;
  answer: Answer;
}

/** What to ask for next, to have all that passes a filter: what was left out, or the same again; undefined: nothing. */
export const leftOf = (filter: Filter, { end, answer }: Outcome): Filter | undefined => {
  if (end === "told") return answer.rest(filter);
  return end === "not now" || end === "late" ? filter : undefined;
};

/** Is given each event as it comes, unverified; one may come twice. */
export type OnFound = (event: NostrEvent) => void;

interface Lookup {
  answer: Answer;
  onFound: OnFound;
  end(how: End): void;
}

export class Lookups {
  #send: (message: unknown[]) => void;
  #underWay = new Map<string, Lookup>();
  #serial = 0;
  /** How many connections were lost. */
  #losses = 0;

  constructor(send: (message: unknown[]) => void) {
    this.#send = send;
  }

  /** Asks until the relay has told all that passes a filter: `told`. `late`: it has not within `timeoutMs`. */
  async askAll(filter: Filter, timeoutMs: number, onFound: OnFound): Promise<End> {
    const losses = this.#losses;
    const deadline = performance.now() + timeoutMs;
    let [asked, pause] = [filter, 0];
    for (;;) {
      const left = deadline - performance.now();
      const outcome = await this.ask(asked, onFound, Math.min(ANSWER_MS, left));
      const next = leftOf(asked, outcome);
      if (!next) return outcome.end;
      asked = next;
      pause = outcome.end === "told" ? 0 : Math.max(PAUSE_MS, 2 * pause);
      if (performance.now() + pause >= deadline) return "late";
      await sleep(pause);
      if (losses !== this.#losses) return "lost";
    }
  }

  /** Asks once. */
  ask(filter: Filter, onFound: OnFound, timeoutMs = ANSWER_MS): Promise<Outcome> {
    const id = `lookup-${++this.#serial}`;
    const answer = new Answer(filter["#p"]);
    return new Promise((resolve) => {
      const end = (how: End) => {
        clearTimeout(timer);
        this.#underWay.delete(id);
        resolve({ end: how, answer });
      };
      const timer = setTimeout(() => {
        this.#send(["CLOSE", id]);
        end("late");
      }, timeoutMs);
      this.#underWay.set(id, { answer, onFound, end });
      this.#send(["REQ", id, filter]);
    });
  }

  /** EVENT. False when it is not about a lookup. */
  found(id: string, message: unknown): boolean {
    const lookup = this.#underWay.get(id);
    if (!lookup) return false;
    const event = lookup.answer.add(message);
    if (event && lookup.answer.events <= MOST_TOLD) lookup.onFound(event);
    return true;
  }

  /** EOSE, after which the relay would go on with events to come. */
  answered(id: string): boolean {
    const lookup = this.#underWay.get(id);
    if (lookup) this.#send(["CLOSE", id]);
    lookup?.end("told");
    return lookup !== undefined;
  }

  /** CLOSED */
  refused(id: string, reason: string): boolean {
    const lookup = this.#underWay.get(id);
    if (refusalOf(reason) === "size") lookup?.end("too large");
    else lookup?.end(isForNow(reason) ? "not now" : "refused");
    return lookup !== undefined;
  }

  /** The connection is gone. */
  lost(): void {
    this.#losses++;
    for (const { end } of this.#underWay.values()) end("lost");
  }
}
