/** A while in which nothing is asked of the server, after something was one too many. */
import type { Timing } from "./timing.ts";

/** Milliseconds. */
const LONGEST = 1_000;

export class Rest {
  readonly #timing: Timing;
  readonly #over: () => void;
  #callOff: (() => void) | undefined;

  /** @param over is called when it is over, unless somebody has ended it */
  constructor(timing: Timing, over: () => void) {
    this.#timing = timing;
    this.#over = over;
  }

  get isOn(): boolean {
    return this.#callOff !== undefined;
  }

  /** @param seconds as the server asks for */
  begin(seconds = 1): void {
    this.end();
    this.#callOff = this.#timing.after(Math.min(LONGEST, seconds * 1_000), () => {
      this.#callOff = undefined;
      this.#over();
    });
  }

  end(): void {
    this.#callOff?.();
    this.#callOff = undefined;
  }
}
