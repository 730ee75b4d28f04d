/** A call as it really is: a connection between two browsers, and what the server says of the match. */
import { createNanoEvents } from "nanoevents";
import type {
  Call,
  CallEvents,
  CallHost,
  EndOfCall,
  HostedCall,
  MatchDetails,
  MatchMessage,
} from "./call.ts";
import type { Quality } from "./quality.ts";
import type { ChatLine, Media } from "./talk.ts";

export class PeerCall implements HostedCall {
  readonly matchId: string;
  readonly mode: Call["mode"];
  readonly interests: string[];
  readonly met: boolean;
  npub: string | null;
  link: Call["link"] = "connecting";
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

  get isUp(): boolean {
    return this.link === "connected";
  }

  on<E extends keyof CallEvents>(event: E, listener: CallEvents[E]): () => void {
    return this.#events.on(event, listener);
  }

  hear(_message: MatchMessage): void {}
  resumed(_match: MatchDetails): void {}
  detach(): void {}
  end(reason: EndOfCall): void {
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
