/**
 * What is said to one relay. What a turn of the event loop has to say goes out in one write, which costs as much as a
 * signature; and replies only if they may still be said at that very moment: a process may have been stopped since.
 */
import { Outbox } from "./outbox.ts";
import type { Verdict } from "./refusal.ts";
import { Resending } from "./resending.ts";

interface Frame {
  frame: string;
  /** Of an event that is in the outbox. */
  id?: string;
}

export class Speaking {
  #write: (frames: string[]) => void;
  #mayReply: () => boolean;
  #outbox = new Outbox();
  #resending = new Resending((most) => this.#resend(most));
  #frames: Frame[] = [];
  #soon: NodeJS.Immediate | undefined;

  /**
   * @param write sends frames at once, if the relay is connected
   * @param mayReply whether replies may leave this process now; those that may not wait until `again`
   */
  constructor(write: (frames: string[]) => void, mayReply: () => boolean) {
    this.#write = write;
    this.#mayReply = mayReply;
  }

  /** Says something now or never. */
  say(frame: string): void {
    this.#frames.push({ frame });
    this.#sendSoon();
  }

  /** Says an event of a key (hex), again after each reconnect until the relay has answered; `onTaken` is its OK. */
  publish(id: string, author: string, frame: string, onTaken?: () => void): void {
    this.#outbox.put(id, author, frame, onTaken);
    this.#frames.push({ frame, id });
    this.#sendSoon();
  }

  /** Says all events again that the relay has not answered; those that it did not take yet have their own pace. */
  again(): void {
    this.#frames = [...this.#frames.filter(({ id }) => id === undefined), ...this.#outbox.pending()];
    this.#sendSoon();
    this.#resending.later();
  }

  /** What these keys (hex) have said is not said any more. */
  withdraw(authors: ReadonlySet<string>): void {
    this.#outbox.withdraw(authors);
  }

  /** The relay has answered; whether that was about an event which is said until it is taken. */
  answered(id: string, verdict: Verdict): boolean {
    const isOurs = this.#outbox.has(id);
    if (verdict === "later" && isOurs) {
      this.#outbox.hold(id);
      this.#resending.later();
    }
    if (verdict === "taken") this.#resending.taken(id);
    if (verdict === "taken" || verdict === "never") this.#outbox.settle(id, verdict === "taken");
    return isOurs;
  }

  /** The connection is gone, and with it what was just to be said. */
  lost(): void {
    clearImmediate(this.#soon);
    this.#soon = undefined;
    this.#frames = [];
    this.#resending.reset();
    this.#outbox.release();
  }

  /** Says what is still to be said, and nothing again. */
  close(): void {
    this.flush();
    this.#resending.reset();
  }

  /** Says now what would be said at the end of this turn. */
  flush(): void {
    clearImmediate(this.#soon);
    this.#soon = undefined;
    const frames = this.#frames;
    this.#frames = [];
    const mayReply = this.#mayReply();
    const isFit = ({ id }: Frame) => id === undefined || (mayReply && this.#outbox.has(id));
    this.#write(frames.filter(isFit).map(({ frame }) => frame));
  }

  #resend(most: number): string[] {
    if (!this.#mayReply()) return [];
    const released = this.#outbox.release(most);
    this.#frames.push(...released);
    this.#sendSoon();
    return released.map(({ id }) => id);
  }

  #sendSoon(): void {
    this.#soon ??= setImmediate(() => this.flush());
  }
}
