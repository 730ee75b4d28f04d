/** What the two say to each other, over the data channel or through the server. */
import { Bucket } from "./bucket.ts";
import { lengthOf, type Words, wordsOf } from "./channel-words.ts";
import type { Told } from "./messages.ts";
import { type Channel, Speech, type SpeechHost } from "./speech.ts";
import type { Timing } from "./timing.ts";

/** `at` is in milliseconds since 1970, by this side's clock. */
export type ChatLine = { id: string; from: "you" | "them"; text: string; at: number };

/** What somebody sends. */
export type Media = { audio: boolean; video: boolean };

/** What is sent with this stream. */
export function mediaOf(stream: MediaStream | undefined): Media {
  const live = stream?.getTracks().filter((track) => track.enabled && track.readyState === "live") ?? [];
  const has = (kind: string) => live.some((track) => track.kind === kind);
  return { audio: has("audio"), video: has("video") };
}

/**
 * What is heard over the channel: `any`, understood or not, and of each kind. It is twice as much as a client like
 * this one says, and more at once, as what was said in time may come in a heap. What comes faster is passed over.
 */
const HEARD = {
  any: { burst: 240, perSecond: 24 },
  chat: { burst: 60, perSecond: 8 },
  typing: { burst: 40, perSecond: 4 },
  media: { burst: 40, perSecond: 4 },
};
/**
 * Who has sent so much that was passed over means harm, in messages and in 1,024 characters of them: a browser that
 * goes on receiving them may well break.
 */
const FLOOD = 2_000;
/** Lines whose ids are remembered, so that none is shown twice. */
const MAX_KNOWN = 512;

type Host = SpeechHost & {
  hears: { chat(line: ChatLine): void; typing(on: boolean): void; media(media: Media): void };
  newId(): string;
  /** The partner floods the channel. Told once. */
  floods(): void;
};

export class Talk {
  readonly #host: Host;
  readonly #timing: Pick<Timing, "now" | "after">;
  readonly #speech: Speech;
  readonly #known = new Set<string>();
  readonly #heard: Record<keyof typeof HEARD, Bucket>;
  #areTyping = false;
  #passedOver = 0;

  constructor(host: Host, timing: Pick<Timing, "now" | "after">) {
    this.#host = host;
    this.#timing = timing;
    this.#speech = new Speech(host, timing);
    const now = timing.now();
    this.#heard = {
      any: new Bucket(HEARD.any, now),
      chat: new Bucket(HEARD.chat, now),
      typing: new Bucket(HEARD.typing, now),
      media: new Bucket(HEARD.media, now),
    };
  }

  /** From here on this channel is used whenever it is open. */
  use(channel: Channel): void {
    channel.addEventListener("message", (event) => this.#hear(event));
    this.#speech.use(channel);
  }

  /** To be called whenever the partner or the server can be told again. */
  flush(): void {
    this.#speech.flush();
  }

  /** What waits is not said any more. */
  close(): void {
    this.#speech.close();
  }

  /** What has come through the server, which has checked it. */
  hear(message: Told<"chat" | "typing">): void {
    this.#take(message);
  }

  /**
   * What is said too fast waits, and is said in order.
   *
   * @throws RangeError if `words` is not of 1 to 2,000 characters
   * @throws Error if 50 lines wait already: this one is not said
   */
  say(words: string): ChatLine {
    if (words.length < 1 || words.length > 2_000) throw new RangeError("a line has 1 to 2,000 characters");
    const id = this.#host.newId();
    const text = words.replace(/\p{Surrogate}/gu, "\ufffd");
    this.#speech.say({ type: "chat", id, text });
    this.#remember(id);
    return { id, from: "you", text, at: this.#timing.now() };
  }

  type(on: boolean): void {
    this.#speech.type(on);
  }

  /** What this side sends; told as soon as there is a channel, as before that nothing is seen anyway. */
  show(media: Media): void {
    this.#speech.show({ type: "media", ...media });
  }

  /** Nothing is heard of the partner for a while. */
  pause(): void {
    this.#take({ type: "typing", on: false });
  }

  #hear(event: Event): void {
    const now = this.#timing.now();
    if (!this.#heard.any.take(now)) {
      const isFlood = this.#passedOver >= FLOOD;
      this.#passedOver += 1 + lengthOf(event) / 1_024;
      if (!isFlood && this.#passedOver >= FLOOD) this.#host.floods();
      return;
    }
    const words = wordsOf(event);
    if (words && this.#heard[words.type].take(now)) this.#take(words);
  }

  #take(words: Words): void {
    const { hears } = this.#host;
    switch (words.type) {
      case "chat":
        if (this.#known.has(words.id)) return;
        this.#remember(words.id);
        this.pause();
        hears.chat({ id: words.id, from: "them", text: words.text, at: this.#timing.now() });
        break;
      case "typing":
        if (words.on === this.#areTyping) return;
        this.#areTyping = words.on;
        hears.typing(words.on);
        break;
      case "media":
        hears.media({ audio: words.audio, video: words.video });
        break;
    }
  }

  #remember(id: string): void {
    this.#known.add(id);
    if (this.#known.size <= MAX_KNOWN) return;
    const [oldest] = this.#known;
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}
