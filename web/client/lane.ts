/** What is said one after the other, no faster than whoever hears it takes it: what is too much waits for its turn. */
import type { Bucket } from "./bucket.ts";
import type { Timing } from "./timing.ts";

/** ms. After which a way that has taken nothing is tried again. */
const AGAIN = 1_000;

export type Way<Item> = {
  readonly pace: Bucket;
  /** Whether what is put into it arrives soon. */
  isOpen(): boolean;
  /** Returns whether it was taken. */
  put(item: Item): boolean;
};

export class Lane<Item> {
  readonly #ways: readonly Way<Item>[];
  readonly #timing: Pick<Timing, "now" | "after">;
  #waiting: Item[] = [];
  #callOff: (() => void) | undefined;

  /** @param ways in the order of preference */
  constructor(ways: readonly Way<Item>[], timing: Pick<Timing, "now" | "after">) {
    this.#ways = ways;
    this.#timing = timing;
  }

  /** How many wait. */
  get length(): number {
    return this.#waiting.length;
  }

  say(item: Item): void {
    this.#waiting.push(item);
    this.flush();
  }

  /** Instead of all that waits. */
  sayOnly(...items: Item[]): void {
    this.#waiting = items;
    this.flush();
  }

  /** To be called whenever a way has opened. */
  flush(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    for (const item of [...this.#waiting]) {
      const wait = this.#pass(item);
      if (wait === "taken") this.#waiting.shift();
      else {
        if (wait !== undefined) this.#callOff = this.#timing.after(wait, () => this.flush());
        return;
      }
    }
  }

  /** Nothing more is said, and no timer is left running. */
  close(): void {
    this.sayOnly();
  }

  /** Returns when to try again; undefined: not before a way opens. */
  #pass(item: Item): "taken" | number | undefined {
    const open = this.#ways.filter((way) => way.isOpen());
    for (const { pace, put } of open) {
      const wait = pace.wait(this.#timing.now());
      // Another way would let it overtake what is on this one.
      if (wait > 0) return wait;
      if (put(item) && pace.take(this.#timing.now())) return "taken";
    }
    return open.length > 0 ? AGAIN : undefined;
  }
}
