/** Whether anything still comes from the partner's browser: ICE takes long to say that nothing does. */
import type { Timing } from "./timing.ts";

const EVERY = 500;
/** ms. For so long nothing may come although all is well: of who sends media, and of who does not (ICE asks each 2.5 s). */
const SILENCE = { withMedia: 2_000, without: 4_000 };

type Host = {
  /** Grows with what comes; undefined: it would not be known if something came. */
  count(hasMedia: boolean): Promise<number | undefined>;
  /** Whether the partner sends any. */
  hasMedia(): boolean;
  changed(): void;
};

export class Pulse {
  readonly #host: Host;
  readonly #timing: Pick<Timing, "now" | "after">;
  #isHeard: boolean | undefined;
  #last: { count: number; at: number } | undefined;
  #callOff: (() => void) | undefined;
  /** Another with each watch: a count that was asked for in the one before says nothing in this. */
  #watch: symbol | undefined;

  constructor(host: Host, timing: Pick<Timing, "now" | "after">) {
    this.#host = host;
    this.#timing = timing;
  }

  /** Undefined while it is not known, or not watched. */
  get isHeard(): boolean | undefined {
    return this.#isHeard;
  }

  /** From here on, or not any more. */
  watch(isOn: boolean): void {
    if (isOn === (this.#watch !== undefined)) return;
    this.#callOff?.();
    this.#callOff = undefined;
    this.#last = undefined;
    this.#isHeard = undefined;
    this.#watch = isOn ? Symbol() : undefined;
    if (this.#watch) this.#lookSoon(this.#watch);
  }

  /**
   * Never at once: what was sent before they were gone is still coming in then, or not in the browser's figures yet,
   * which may be 50 ms old (Chromium), and proves nothing.
   */
  #lookSoon(watch: symbol): void {
    this.#callOff = this.#timing.after(EVERY, () => this.#look(watch));
  }

  async #look(watch: symbol): Promise<void> {
    const count = await this.#host.count(this.#host.hasMedia()).catch(() => undefined);
    if (this.#watch !== watch) return;
    this.#lookSoon(watch);
    if (count !== undefined) this.#compare(count);
  }

  #compare(count: number): void {
    const now = this.#timing.now();
    const { count: before, at } = this.#last ?? { count, at: now };
    if (count > before) this.#tell(true);
    else if (now - at >= SILENCE[this.#host.hasMedia() ? "withMedia" : "without"]) this.#tell(false);
    if (count !== before || !this.#last) this.#last = { count, at: now };
  }

  #tell(isHeard: boolean): void {
    if (this.#isHeard === isHeard) return;
    this.#isHeard = isHeard;
    this.#host.changed();
  }
}
