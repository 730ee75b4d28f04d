/** Reports that the server has not answered yet. */
import type { Timing } from "./timing.ts";

/** ms. For the server's answer, while it can be asked. */
const ANSWER = 10_000;
/** ms. For a connection to come back, over which it can be asked. */
const LONGEST = 120_000;

type Pending = { settle(): void; fail(): void };

export class Reports {
  readonly #timing: Pick<Timing, "now" | "after">;
  readonly #isAttached: () => boolean;
  #pending: Pending[] = [];

  /** @param isAttached whether the server can be asked right now; if not, it is, once it can be */
  constructor(timing: Pick<Timing, "now" | "after">, isAttached: () => boolean) {
    this.#timing = timing;
    this.#isAttached = isAttached;
  }

  /** To one that has just been said. */
  answer(): Promise<void> {
    const end = this.#timing.now() + LONGEST;
    return new Promise((resolve, reject) => {
      let callOff = () => {};
      const over = (tell: () => void) => () => {
        this.#pending = this.#pending.filter((each) => each !== pending);
        callOff();
        tell();
      };
      const pending: Pending = {
        settle: over(resolve),
        fail: over(() => reject(new Error("the server has not answered"))),
      };
      const wait = () => {
        const wasAttached = this.#isAttached();
        callOff = this.#timing.after(ANSWER, () => {
          const isLate = this.#timing.now() >= end;
          if (isLate || (wasAttached && this.#isAttached())) pending.fail();
          else wait();
        });
      };
      this.#pending.push(pending);
      wait();
    });
  }

  /** The server answers in the order in which it was asked. */
  answered(): void {
    this.#pending[0]?.settle();
  }

  /** The server will not be asked any more. */
  fail(): void {
    for (const pending of [...this.#pending]) pending.fail();
  }
}
