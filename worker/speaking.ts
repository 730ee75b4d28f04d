/**
 * What is said to one relay. What a turn of the event loop has to say goes out in one write, which costs as much as a
 * signature; and replies only if they may still be said at that very moment: a process may have been stopped since.
 */
import { Outbox } from "./outbox.ts";

interface Frame {
  frame: string;
  /** Of an event that is in the outbox. */
  id?: string;
}

export class Speaking {
  #write: (frames: string[]) => void;
  #mayReply: () => boolean;
  #outbox = new Outbox();
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

  /** Says all events again that the relay has not answered. */
  again(): void {
    this.#frames = [...this.#frames.filter(({ id }) => id === undefined), ...this.#outbox.pending()];
    this.#sendSoon();
  }

  /** What these keys (hex) have said is not said any more. */
  withdraw(authors: ReadonlySet<string>): void {
    this.#outbox.withdraw(authors);
  }

  /** Whether the relay has not answered an event yet. */
  awaits(id: string): boolean {
    return this.#outbox.has(id);
  }

  /** The relay has answered for good. */
  settle(id: string, taken: boolean): void {
    this.#outbox.settle(id, taken);
  }

  /** The connection is gone, and with it what was just to be said. */
  lost(): void {
    clearImmediate(this.#soon);
    this.#soon = undefined;
    this.#frames = [];
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

  #sendSoon(): void {
    this.#soon ??= setImmediate(() => this.flush());
  }
}
