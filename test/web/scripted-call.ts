/** A call without a browser: it writes down what the visit tells it, and is up or down as the test says. */
import { createNanoEvents } from "nanoevents";
import type {
  CallEvents,
  CallHost,
  ChatLine,
  EndOfCall,
  HostedCall,
  MatchDetails,
  MatchMessage,
  Quality,
} from "../../web/client/call.ts";

export class ScriptedCall implements HostedCall {
  readonly matchId: string;
  readonly mode: MatchDetails["mode"];
  readonly interests: string[];
  readonly met: boolean;
  readonly npub: string | null;
  readonly link = "connecting";
  readonly partnerAway = null;
  readonly isHeard = undefined;
  readonly theirs = { audio: true, video: true };
  readonly match: MatchDetails;
  readonly host: CallHost;
  readonly heard: MatchMessage[] = [];
  readonly resumes: MatchDetails[] = [];
  isUp = false;
  isDetached = false;
  ending: EndOfCall | undefined;
  readonly #events = createNanoEvents<CallEvents>();
  readonly #hearing = createNanoEvents<{ heard(message: MatchMessage): void }>();

  constructor(match: MatchDetails, host: CallHost) {
    this.match = match;
    this.host = host;
    this.matchId = match.matchId;
    this.mode = match.mode;
    this.interests = match.interests;
    this.met = match.peer.met;
    this.npub = match.peer.npub;
  }

  get remote(): MediaStream {
    throw new Error("there is no media here");
  }

  on<E extends keyof CallEvents>(event: E, listener: CallEvents[E]): () => void {
    return this.#events.on(event, listener);
  }

  /** The next message that is handed to it. */
  hears(): Promise<MatchMessage> {
    return new Promise((resolve) => {
      const off = this.#hearing.on("heard", (message) => {
        off();
        resolve(message);
      });
    });
  }

  hear(message: MatchMessage): void {
    this.heard.push(message);
    this.#hearing.emit("heard", message);
  }

  resumed(match: MatchDetails): void {
    this.resumes.push(match);
  }

  detach(): void {
    this.isDetached = true;
  }

  end(reason: EndOfCall): void {
    if (this.ending !== undefined) return;
    this.ending = reason;
    this.isUp = false;
    this.#events.emit("ended", reason);
  }

  next(): void {
    this.#leave("you");
  }

  block(): void {
    if (this.ending === undefined && !this.isDetached)
      this.host.say({ type: "block", matchId: this.matchId });
    this.#leave("you");
  }

  /** What is between the browsers is gone. */
  breakDown(): void {
    this.#leave("left");
  }

  say(text: string): ChatLine {
    const line = { id: this.host.newId(), from: "you", text, at: this.host.now() } as const;
    this.host.say({ type: "chat", matchId: this.matchId, id: line.id, text });
    return line;
  }

  async report(reason: string): Promise<void> {
    this.host.say({ type: "report", matchId: this.matchId, reason });
  }

  signal(candidate: string): void {
    this.host.say({ type: "signal", matchId: this.matchId, candidates: [{ candidate }] });
  }

  type(on: boolean): void {
    this.host.say({ type: "typing", matchId: this.matchId, on });
  }

  app(app: string, event: string): void {
    this.host.say({ type: "app", matchId: this.matchId, app, event });
  }

  send(): void {}
  restart(): void {}

  quality(): Promise<Quality> {
    return Promise.reject(new Error("there is nothing to measure"));
  }

  #leave(reason: EndOfCall): void {
    if (this.ending !== undefined) return;
    this.end(reason);
    if (this.isDetached) this.host.search();
  }
}
