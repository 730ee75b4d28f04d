/** What keeps requests from waiting, one after the other, for a database that does not answer. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, within } from "./db/session.ts";
import type { Logger } from "./log.ts";

/** A question that is not answered in this time fails, and those after it are not asked. In milliseconds. */
const ANSWER_MS = 2_000;
/** The same where the question changes something: nothing can stand in for its answer, and it may come to pass later. */
export const CHANGE_MS = 8_000;
/** Between two attempts to find the database back. */
const PROBE_MS = 500;

/** Why a question was not asked. */
export class CircuitOpen extends Error {
  override name = "CircuitOpen";
}

/**
 * A circuit breaker: the first question that fails, or takes too long, opens it. From then on every question
 * fails at once, until a probe in the background, asked again and again, is answered.
 */
export class Circuit {
  #probe: () => Promise<unknown>;
  #log: Logger;
  #closed = new AbortController();
  /** Set while it is open: resolves when the database has answered, or after `close`. */
  #open: Promise<void> | undefined;

  constructor(probe: () => Promise<unknown>, log: Logger) {
    this.#probe = probe;
    this.#log = log;
  }

  /** @throws the reason, when there is no answer; what was asked may still come to pass then */
  async ask<T>(question: () => Promise<T>, patienceMs = ANSWER_MS): Promise<T> {
    if (this.#open) throw new CircuitOpen("the database does not answer");
    try {
      return await within(question(), patienceMs, "no answer");
    } catch (error) {
      this.#open ??= this.#findBack(error);
      throw error;
    }
  }

  /** Resolves when questions are asked: at once unless it is open. Soon after `close` in any case. */
  async answering(): Promise<void> {
    await this.#open;
  }

  /** Ends the probing. */
  close(): void {
    this.#closed.abort();
  }

  async #findBack(reason: unknown): Promise<void> {
    const { signal } = this.#closed;
    const since = performance.now();
    this.#log.warn(
      { reason: describe(reason) },
      "the database does not answer: connected clients are served from memory for a while",
    );
    while (!signal.aborted) {
      try {
        await within(this.#probe(), ANSWER_MS, "no answer");
        this.#open = undefined;
        this.#log.info({ awayMs: Math.round(performance.now() - since) }, "the database answers again");
        return;
      } catch {
        await sleep(PROBE_MS, undefined, { signal }).catch(() => {});
      }
    }
  }
}
