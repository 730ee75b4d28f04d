/**
 * What this side says: over the data channel while it is open, else through the server, and over neither faster than
 * it is taken there. What is typed and sent at a moment is told as it is when its turn comes.
 */
import { Bucket, type Rate } from "./bucket.ts";
import type { ChatWords, MediaWords, TypingWords, Words } from "./channel-words.ts";
import { Lane, type Way } from "./lane.ts";
import type { Timing } from "./timing.ts";

/** Of each kind. The server takes 10 at once, then 2 a second, of all calls together (docs/protocol.md, "Limits"). */
const PACE = {
  lines: { burst: 20, perSecond: 4 },
  states: { burst: 10, perSecond: 2 },
  toServer: { burst: 5, perSecond: 1.5 },
};
/** Lines that wait for their turn. */
const MAX_WAITING = 50;

export type Channel = Pick<RTCDataChannel, "readyState" | "send"> & Pick<EventTarget, "addEventListener">;

export type SpeechHost = {
  /** Whether what is put into an open channel arrives soon. */
  isUp(): boolean;
  /** Whether the server can be told, and knows of the match. */
  hasServer(): boolean;
  sayToServer(words: ChatWords | TypingWords): void;
};

type Timed = Pick<Timing, "now" | "after">;

export class Speech {
  readonly #lines: Lane<ChatWords>;
  readonly #typing: Lane<TypingWords>;
  readonly #media: Lane<MediaWords>;
  #channel: Channel | undefined;
  #shown: MediaWords | undefined;
  /** As it was told last. */
  #isTyping = false;

  constructor(host: SpeechHost, timing: Timed) {
    const way = (rate: Rate, isOpen: () => boolean): Way<Words> => ({
      pace: new Bucket(rate, timing.now()),
      isOpen,
      put: (words) => this.#put(words),
    });
    const isUp = () => this.#isOpen && host.isUp();
    const overServer = (): Way<ChatWords | TypingWords> => ({
      pace: new Bucket(PACE.toServer, timing.now()),
      isOpen: () => host.hasServer(),
      put: (words) => {
        host.sayToServer(words);
        return true;
      },
    });
    this.#lines = new Lane<ChatWords>([way(PACE.lines, isUp), overServer()], timing);
    this.#typing = new Lane<TypingWords>([way(PACE.states, isUp), overServer()].map(this.#noted), timing);
    // What is told of the media may come as late as the media do.
    this.#media = new Lane<MediaWords>([way(PACE.states, () => this.#isOpen)], timing);
  }

  /** From here on this channel is used whenever it is open. */
  use(channel: Channel): void {
    this.#channel = channel;
    channel.addEventListener("open", () => this.flush());
    if (this.#shown) this.show(this.#shown);
  }

  /** To be called whenever the partner or the server can be told again. */
  flush(): void {
    this.#lines.flush();
    this.#typing.flush();
    this.#media.flush();
  }

  /** What waits is not said any more. */
  close(): void {
    this.#lines.close();
    this.#typing.close();
    this.#media.close();
  }

  /** @throws Error if too many wait already */
  say(words: ChatWords): void {
    if (this.#lines.length >= MAX_WAITING) throw new Error(`too fast: ${MAX_WAITING} lines wait`);
    this.#lines.say(words);
  }

  /** What has changed back before its turn came is not told. */
  type(on: boolean): void {
    if (on === this.#isTyping) this.#typing.sayOnly();
    else this.#typing.sayOnly({ type: "typing", on });
  }

  show(words: MediaWords): void {
    this.#shown = words;
    this.#media.sayOnly(words);
  }

  get #isOpen(): boolean {
    return this.#channel?.readyState === "open";
  }

  readonly #noted = (way: Way<TypingWords>): Way<TypingWords> => ({
    ...way,
    put: (words) => {
      const isPut = way.put(words);
      if (isPut) this.#isTyping = words.on;
      return isPut;
    },
  });

  #put(words: Words): boolean {
    try {
      this.#channel?.send(JSON.stringify(words));
      return true;
    } catch {
      // Its buffer is full, or it is just being closed.
      return false;
    }
  }
}
