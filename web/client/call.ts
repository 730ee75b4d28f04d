/** One match: the stranger, the media and the words between the two, for as long as it lasts. */
import type { ClientMessage, Mode } from "../../protocol/messages.ts";
import type { Told } from "./messages.ts";
import type { Quality } from "./quality.ts";
import type { ChatLine, Media } from "./talk.ts";

export { PeerCall } from "./peer-call.ts";
export type { Quality } from "./quality.ts";
export type { ChatLine, Media } from "./talk.ts";

/** What the server says of a match; `peerPresent` only where it tells again, with `resumed`. */
export type MatchDetails = Omit<Told<"matched">, "type"> & { peerPresent?: boolean };

/** What of a match is told while it lasts. */
export type MatchMessage = Told<
  "signal" | "chat" | "typing" | "app" | "peer" | "peer-reconnecting" | "peer-resumed" | "reported"
>;

export interface CallEvents {
  /** Any of the readonly properties. */
  change(): void;
  /** Of the partner; what this side says is what `say` returns. */
  chat(line: ChatLine): void;
  typing(on: boolean): void;
  app(message: { app: string; event: string; data?: unknown }): void;
  /** The last event of a call; its connection is closed. */
  ended(reason: EndOfCall): void;
}

export type EndOfCall = "skipped" | "stopped" | "left" | "you";

/** A match, as whoever uses the client has it. */
export interface Call {
  readonly matchId: string;
  readonly mode: Mode;
  /** Those that both named. */
  readonly interests: string[];
  /** Whether the two have met before. */
  readonly met: boolean;
  /** The partner's, proven to the server. */
  readonly npub: string | null;
  /** Browser to browser. */
  readonly link: "connecting" | "connected" | "reconnecting" | "failed";
  /** It goes on without the server: report and block are not possible. */
  readonly isDetached: boolean;
  /** While their signaling is gone: when the server gives them up, in milliseconds since 1970. */
  readonly partnerAway: number | null;
  /**
   * Whether media or data have come from their browser in the last seconds. Looked at only where the server does not
   * vouch for them, while they are away or the call is detached; else, and as long as it is not known, undefined.
   */
  readonly isHeard: boolean | undefined;
  /** Gains tracks. */
  readonly remote: MediaStream;
  /** What they say they send. */
  readonly theirs: Media;
  /** Replaces what is sent, without negotiating anew; to be called again when a device or a mute changes. */
  send(stream: MediaStream | undefined): void;
  /**
   * What is said too fast waits, and is said in order.
   *
   * @throws RangeError if it is not of 1 to 2,000 characters
   * @throws Error if 50 lines wait already, or the call is over: this one is not said
   */
  say(text: string): ChatLine;
  type(on: boolean): void;
  next(): void;
  block(): void;
  /**
   * To the operator, in 1 to 500 characters. While there is no connection it waits for one; rejects if the server
   * has not taken it within 10 s of being asked, or will not be asked any more.
   */
  report(reason: string): Promise<void>;
  app(app: string, event: string, data?: unknown): void;
  /** Restarts ICE, at most once in 5 s. */
  restart(): void;
  /** Since it was last asked for. */
  quality(): Promise<Quality>;
  on<E extends keyof CallEvents>(event: E, listener: CallEvents[E]): () => void;
}

/** What a call needs of the visit it belongs to. */
export interface CallHost {
  /** To the server; kept while the connection is being restored. */
  say(message: ClientMessage): void;
  /** Whether there is a connection to the server right now. */
  isAttached(): boolean;
  /** After a call that had gone on without the server has broken: looks for the next. */
  search(): void;
  readonly hideAddress: boolean;
  /** Milliseconds since 1970. */
  now(): number;
  newId(): string;
}

/** A call, as the visit drives it. */
export interface HostedCall extends Call {
  /** Media and data are connected right now. */
  readonly isUp: boolean;
  hear(message: MatchMessage): void;
  /** The visit has come back to its place: fresh ICE servers, and what was on its way may be lost. */
  resumed(match: MatchDetails): void;
  /** The server takes the match to be over; what is between the browsers goes on. */
  detach(): void;
  /** Closes everything; `ended` is emitted. */
  end(reason: EndOfCall): void;
}
