/**
 * What the two say to each other: over the data channel while it is open, else through the server. What comes over the
 * channel has been checked by nobody: it is bounded in size and rate, and parsed, before anybody hears of it.
 */
import * as v from "valibot";
import type { ServerMessage } from "../../protocol/messages.ts";

/** `at` is in milliseconds since 1970, by this side's clock. */
export type ChatLine = { id: string; from: "you" | "them"; text: string; at: number };

/** What somebody sends. */
export type Media = { audio: boolean; video: boolean };

const text = (max: number) =>
  v.pipe(
    v.string(),
    v.minLength(1),
    v.maxLength(max),
    v.check((string) => !/\p{Surrogate}/u.test(string)),
  );
const Chat = v.object({ type: v.literal("chat"), id: text(64), text: text(2_000) });
const Typing = v.object({ type: v.literal("typing"), on: v.boolean() });
const MediaState = v.object({ type: v.literal("media"), audio: v.boolean(), video: v.boolean() });
const Words = v.variant("type", [Chat, Typing, MediaState]);
type Words = v.InferOutput<typeof Words>;

/** Characters of one message; what is longer is passed over unread. */
const MAX_LENGTH = 16_384;
/** Messages over the channel; what comes faster is passed over unread. */
const RATE = { burst: 30, perSecond: 6 };
/** Lines whose ids are remembered, so that none is shown twice. */
const MAX_KNOWN = 512;

export type Channel = Pick<RTCDataChannel, "readyState" | "send"> & Pick<EventTarget, "addEventListener">;

type Host = {
  hears: { chat(line: ChatLine): void; typing(on: boolean): void; media(media: Media): void };
  /** Whether what is put into an open channel arrives soon. */
  isUp(): boolean;
  sayToServer(message: v.InferOutput<typeof Chat> | v.InferOutput<typeof Typing>): void;
  now(): number;
  newId(): string;
};

export class Talk {
  readonly #host: Host;
  readonly #known = new Set<string>();
  readonly #bucket: Bucket;
  #channel: Channel | undefined;
  #media: Media | undefined;
  #isTyping = false;
  #areTyping = false;

  constructor(host: Host) {
    this.#host = host;
    this.#bucket = new Bucket(RATE, host.now());
  }

  /** From here on this channel is used whenever it is open. */
  use(channel: Channel): void {
    this.#channel = channel;
    channel.addEventListener("message", (event) => this.#hear(event));
    channel.addEventListener("open", () => this.#showMedia());
    this.#showMedia();
  }

  /** What has come through the server, which has checked it. */
  hear(message: Extract<ServerMessage, { type: "chat" | "typing" }>): void {
    this.#take(message);
  }

  /** Throws RangeError if `words` is not of 1 to 2,000 characters. */
  say(words: string): ChatLine {
    if (words.length < 1 || words.length > 2_000) throw new RangeError("a line has 1 to 2,000 characters");
    const { now, newId } = this.#host;
    const line: ChatLine = {
      id: newId(),
      from: "you",
      text: words.replace(/\p{Surrogate}/gu, "\ufffd"),
      at: now(),
    };
    this.#remember(line.id);
    this.#say({ type: "chat", id: line.id, text: line.text });
    return line;
  }

  type(on: boolean): void {
    if (on === this.#isTyping) return;
    this.#isTyping = on;
    this.#say({ type: "typing", on });
  }

  /** What this side sends; told as soon as there is a channel, as before that nothing is seen anyway. */
  show(media: Media): void {
    this.#media = media;
    this.#showMedia();
  }

  /** Nothing is heard of the partner for a while. */
  pause(): void {
    this.#take({ type: "typing", on: false });
  }

  #say(words: v.InferOutput<typeof Chat> | v.InferOutput<typeof Typing>): void {
    if (!this.#host.isUp() || !this.#put(words)) this.#host.sayToServer(words);
  }

  #showMedia(): void {
    if (this.#media) this.#put({ type: "media", ...this.#media });
  }

  #put(words: Words): boolean {
    if (this.#channel?.readyState !== "open") return false;
    try {
      this.#channel.send(JSON.stringify(words));
      return true;
    } catch {
      // Its buffer is full, or it is just being closed.
      return false;
    }
  }

  #hear(event: Event): void {
    if (!this.#bucket.take(this.#host.now())) return;
    if (!("data" in event) || typeof event.data !== "string" || event.data.length > MAX_LENGTH) return;
    const words = v.safeParse(Words, parsed(event.data));
    if (words.success) this.#take(words.output);
  }

  #take(words: Words): void {
    const { hears, now } = this.#host;
    switch (words.type) {
      case "chat":
        if (this.#known.has(words.id)) return;
        this.#remember(words.id);
        this.pause();
        hears.chat({ id: words.id, from: "them", text: words.text, at: now() });
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

/** Whatever the text says, or undefined. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How fast somebody may go on: so many at once, then so many a second. Times in ms. */
class Bucket {
  readonly #rate: typeof RATE;
  #tokens: number;
  #at: number;

  constructor(rate: typeof RATE, now: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#at = now;
  }

  take(now: number): boolean {
    const gained = (Math.max(0, now - this.#at) / 1_000) * this.#rate.perSecond;
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + gained);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
