/**
 * A call: one match, as whoever builds a page sees it. What is said and shown goes from browser to browser; the server
 * is needed to come together, to restart ICE, to report and to block.
 */
import { createNanoEvents } from "nanoevents";
import type { ClientMessage, EndReason, Mode, ServerMessage } from "../../protocol/messages.ts";
import type { Quality } from "./quality.ts";
import type { ChatLine } from "./talk.ts";

export type { Quality } from "./quality.ts";
export type { ChatLine } from "./talk.ts";

/** The connection from browser to browser. After `failed` it is tried again only by `restart()` or a new network. */
export type Link = "connecting" | "connected" | "reconnecting" | "failed";

export interface Call {
  readonly matchId: string;
  readonly mode: Mode;
  /** Those that both named. */
  readonly interests: readonly string[];
  /** Whether the two have met before. */
  readonly met: boolean;
  /** Who the partner has proven to be. */
  readonly npub: string | null;
  readonly link: Link;
  /** The call goes on without the server: no report, no block, no ICE restart. */
  readonly isDetached: boolean;
  /** While the partner's connection to the server is gone: when the server gives them up, in ms since 1970. */
  readonly partnerAway: number | null;
  /** What the partner sends; tracks are added as they come. */
  readonly remote: MediaStream;
  /** What the partner says to be sending. */
  readonly theirs: Readonly<Media>;
  /** Sends the first audio and the first video track of it, nothing of what it lacks; again after any change to it. */
  send(stream: MediaStream | undefined): void;
  /** Says it to the partner. `text` of 1 to 2,000 characters. */
  say(text: string): ChatLine;
  type(on: boolean): void;
  /** Ends the call, and looks for somebody else. */
  next(): void;
  /** The same; the two do not meet again. */
  block(): void;
  /** To the operator; `reason` of 1 to 500 characters. Rejects if it is not taken. */
  report(reason: string): Promise<void>;
  /** Through the server, for a game; not while detached. */
  app(app: string, event: string, data?: unknown): void;
  /** Restarts ICE, at most once in 5 s. */
  restart(): void;
  /** Since the last time that it was asked for. */
  quality(): Promise<Quality>;
  /** Returns what takes the listener off again. */
  on<E extends keyof CallEvents>(event: E, listener: CallEvents[E]): () => void;
}

export interface CallEvents {
  /** Any of the read-only properties. */
  change(): void;
  /** Also one's own lines, as they are said. */
  chat(line: ChatLine): void;
  typing(on: boolean): void;
  app(message: { app: string; event: string; data?: unknown }): void;
  /** The last event; everything is closed. */
  ended(reason: EndReason | "you"): void;
}

export type Media = { audio: boolean; video: boolean };

/** Of `matched`, or of `resumed`. */
export type MatchDetails = Omit<Extract<ServerMessage, { type: "matched" }>, "type">;

/** What the server says of a match, and of what was asked about it. */
export type CallMessage = Extract<
  ServerMessage,
  { type: "signal" | "chat" | "typing" | "app" | "peer" | "peer-reconnecting" | "peer-resumed" | "reported" }
>;

/** What a call needs of the visit. */
export interface CallHost {
  /** To the server; queued while the connection to it is sought. */
  say(message: ClientMessage): void;
  /** Whether the connection to the server is open, and the match known to stand. */
  isAttached(): boolean;
  /** Looks for somebody else: the detached call is over. */
  search(): void;
  readonly hideAddress: boolean;
  /** ms since 1970 */
  now(): number;
  newId(): string;
}

export class PeerCall implements Call {
  readonly matchId: string;
  readonly mode: Mode;
  readonly interests: readonly string[];
  readonly met: boolean;
  npub: string | null;
  link: Link = "connecting";
  isDetached = false;
  partnerAway: number | null = null;
  readonly remote = new MediaStream();
  theirs: Media = { audio: true, video: true };
  readonly #host: CallHost;
  readonly #events = createNanoEvents<CallEvents>();

  constructor(match: MatchDetails, host: CallHost) {
    this.matchId = match.matchId;
    this.mode = match.mode;
    this.interests = match.interests;
    this.met = match.peer.met;
    this.npub = match.peer.npub;
    this.#host = host;
  }

  /** Whether the two browsers are connected right now. */
  get isUp(): boolean {
    return this.link === "connected";
  }

  on<E extends keyof CallEvents>(event: E, listener: CallEvents[E]): () => void {
    return this.#events.on(event, listener);
  }

  hear(_message: CallMessage): void {}
  /** After one's own resume. */
  resumed(_match: MatchDetails): void {}
  /** The server takes the match to be over; the call goes on. */
  detach(): void {}
  end(reason: EndReason | "you"): void {
    this.#events.emit("ended", reason);
  }

  send(_stream: MediaStream | undefined): void {}
  say(text: string): ChatLine {
    return { id: this.#host.newId(), from: "you", text, at: this.#host.now() };
  }
  type(_on: boolean): void {}
  next(): void {}
  block(): void {}
  async report(_reason: string): Promise<void> {}
  app(_app: string, _event: string, _data?: unknown): void {}
  restart(): void {}
  quality(): Promise<Quality> {
    return Promise.reject(new Error("not there yet"));
  }
}
