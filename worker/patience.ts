/**
 * How long a relay is given to answer a subscription. To ask again has it deliver again what it keeps, so a slow relay
 * is asked ever more rarely, and may answer in the meantime.
 */

/** In this time a relay should confirm (EOSE) or refuse (CLOSED) a subscription. */
const ANSWER_MS = 5_000;
const LONGEST_MS = 60_000;
/** So often in a row a relay that does not answer may be slow; then it may be refusing without a word. */
const MOST_SILENCES = 3;

export interface PatienceListener {
  /** There is no answer yet; whether one is still waited for. */
  onSilence(id: string): boolean;
  /** No answer has come, and none is waited for any more. */
  onEnd(id: string, mayBeSlow: boolean): void;
}

export class Patience {
  #listener: PatienceListener;
  /** The end of the wait, by subscription. */
  #waiting = new Map<string, NodeJS.Timeout>();
  /** How often in a row each was asked for in vain. */
  #silences = new Map<string, number>();

  constructor(listener: PatienceListener) {
    this.#listener = listener;
  }

  /** A subscription was asked for. */
  begin(id: string): void {
    this.#wait(id, ANSWER_MS, () => this.#hear(id));
  }

  /** It was answered, or is not wanted any more; whether that was waited for. */
  end(id: string): boolean {
    this.#silences.delete(id);
    clearTimeout(this.#waiting.get(id));
    return this.#waiting.delete(id);
  }

  stop(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    this.#silences.clear();
  }

  #hear(id: string): void {
    if (!this.#listener.onSilence(id)) return;
    const silences = (this.#silences.get(id) ?? 0) + 1;
    this.#silences.set(id, silences);
    this.#wait(id, Math.min(LONGEST_MS, ANSWER_MS * 2 ** (silences - 1)), () => {
      this.#waiting.delete(id);
      this.#listener.onEnd(id, silences < MOST_SILENCES);
    });
  }

  #wait(id: string, milliseconds: number, then: () => void): void {
    clearTimeout(this.#waiting.get(id));
    this.#waiting.set(id, setTimeout(then, milliseconds));
  }
}
