/** A call as it really is: what goes from browser to browser, and what the server says of the match. */
import { createNanoEvents } from "nanoevents";
import type { ClientMessage } from "../../protocol/messages.ts";
import type {
  Call,
  CallEvents,
  CallHost,
  EndOfCall,
  HostedCall,
  MatchDetails,
  MatchMessage,
} from "./call.ts";
import { Peer } from "./peer.ts";
import type { Quality } from "./quality.ts";
import { Reports } from "./reports.ts";
import { type ChatLine, type Media, mediaOf, Talk } from "./talk.ts";
import { realTiming, type Timing } from "./timing.ts";

/** ms. Who leaves closes the channel and tells the server: between one being heard and the other. */
const MOMENT = 1_000;
/** ms. For how long a partner is taken to be away whose absence the server has not put a time to. */
const ABSENCE = 60_000;

export class PeerCall implements HostedCall {
  readonly matchId: string;
  readonly mode: Call["mode"];
  readonly interests: string[];
  readonly met: boolean;
  npub: string | null;
  isDetached = false;
  partnerAway: number | null = null;
  readonly remote = new MediaStream();
  theirs: Media;
  readonly #host: CallHost;
  readonly #timing: Timing;
  readonly #events = createNanoEvents<CallEvents>();
  readonly #talk: Talk;
  readonly #peer: Peer;
  readonly #reports: Reports;
  /** The server takes the match to be over. */
  #isCut = false;
  #isOver = false;

  constructor(match: MatchDetails, host: CallHost) {
    this.matchId = match.matchId;
    this.mode = match.mode;
    this.interests = match.interests;
    this.met = match.peer.met;
    this.npub = match.peer.npub;
    this.theirs = { audio: match.mode === "video", video: match.mode === "video" };
    this.#host = host;
    this.#timing = { ...realTiming, now: () => host.now() };
    this.#reports = new Reports(this.#timing, () => host.isAttached());
    this.#talk = new Talk(
      {
        hears: {
          chat: (line) => this.#events.emit("chat", line),
          typing: (on) => this.#events.emit("typing", on),
          media: (theirs) => this.#change({ theirs }),
        },
        sayToServer: (words) => this.#say({ ...words, matchId: this.matchId }),
        hasServer: () => !this.#isCut && !this.#isOver && host.isAttached(),
        isUp: () => this.isUp,
        newId: () => host.newId(),
        // As good as gone, and not to be met again.
        floods: () => this.block("left"),
      },
      this.#timing,
    );
    this.#peer = new Peer(
      { role: match.role, mode: match.mode, iceServers: match.iceServers, relayOnly: host.hideAddress },
      {
        signal: (signal) => this.#signal({ ...signal, type: "signal", matchId: this.matchId }),
        hasChannel: (channel) => this.#talk.use(channel),
        receives: (tracks) => this.#receive(tracks),
        hasMedia: () => this.theirs.audio || this.theirs.video,
        isVouched: () => !this.#isCut && this.partnerAway === null,
        changed: () => this.#linkChanged(),
        left: () => this.#leaveSoon(),
      },
      this.#timing,
    );
    this.#hearPresence(match);
  }

  get link(): Call["link"] {
    return this.#peer.state;
  }

  get isUp(): boolean {
    return this.link === "connected" && !this.#peer.hasLeft;
  }

  get isHeard(): boolean | undefined {
    return this.#peer.isHeard;
  }

  on<E extends keyof CallEvents>(event: E, listener: CallEvents[E]): () => void {
    return this.#events.on(event, listener);
  }

  send(stream: MediaStream | undefined): void {
    this.#peer.send(stream);
    this.#talk.show(mediaOf(stream));
  }

  say(text: string): ChatLine {
    if (this.#isOver) throw new Error("the call is over");
    return this.#talk.say(text);
  }

  type(on: boolean): void {
    this.#talk.type(on);
  }

  next(): void {
    this.#leave("you");
  }

  block(reason: "you" | "left" = "you"): void {
    this.#say({ type: "block", matchId: this.matchId });
    this.#leave(reason);
  }

  report(reason: string): Promise<void> {
    if (this.#isCut) return Promise.reject(new Error("the call goes on without the server"));
    this.#host.say({ type: "report", matchId: this.matchId, reason });
    return this.#reports.answer();
  }

  app(app: string, event: string, data?: unknown): void {
    this.#say({ type: "app", matchId: this.matchId, app, event, ...(data !== undefined && { data }) });
  }

  restart(): void {
    if (!this.#isOver) this.#peer.restart();
  }

  quality(): Promise<Quality> {
    return this.#peer.quality();
  }

  hear(message: MatchMessage): void {
    // Which may come after a block.
    if (message.type === "reported") this.#reports.answered();
    if (this.#isOver) return;
    switch (message.type) {
      case "signal":
        this.#peer.receive(message);
        break;
      case "chat":
      case "typing":
        this.#talk.hear(message);
        break;
      case "app": {
        const { app, event, data } = message;
        this.#events.emit("app", { app, event, ...(data !== undefined && { data }) });
        break;
      }
      case "peer":
        this.#change({ npub: message.npub });
        break;
      case "peer-reconnecting":
        this.#talk.pause();
        this.#change({ partnerAway: this.#host.now() + message.seconds * 1_000 });
        this.#peer.attend();
        break;
      case "peer-resumed":
        this.#change({ partnerAway: null });
        this.#peer.catchUp();
        break;
    }
  }

  resumed(match: MatchDetails): void {
    if (this.#isOver) return;
    this.#hearPresence(match);
    this.#change({ npub: match.peer.npub });
    this.#peer.useServers(match.iceServers);
    this.#peer.catchUp();
    this.#talk.flush();
    if (this.#peer.hasLeft) this.#leaveSoon();
  }

  detach(): void {
    if (this.#isCut || this.#isOver) return;
    this.#isCut = true;
    this.#peer.detach();
    if (!this.#host.isAttached()) this.#reports.fail();
    this.#change({ partnerAway: null });
    // Whoever has closed the page is gone by then, and nobody needs to hear that the call might have gone on.
    this.#timing.after(MOMENT, () => this.#change({ isDetached: true }));
    if (!this.isUp) this.#partnerLeft();
  }

  end(reason: EndOfCall): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#talk.close();
    this.#peer.close();
    this.#events.emit("ended", reason);
  }

  /** To the partner, through the server, if that still knows of the match. */
  #say(message: ClientMessage): void {
    if (!this.#isCut && !this.#isOver) this.#host.say(message);
  }

  /** Not kept for later: whoever comes back asks for what is missing, and old offers would only be in the way. */
  #signal(message: ClientMessage): void {
    if (this.#host.isAttached() && this.partnerAway === null) this.#say(message);
  }

  #receive(tracks: MediaStreamTrack[]): void {
    const come = tracks.filter((track) => !this.remote.getTracks().includes(track));
    for (const track of come) this.remote.addTrack(track);
    if (come.length > 0) this.#change({});
  }

  #hearPresence({ peerPresent }: MatchDetails): void {
    if (peerPresent) this.partnerAway = null;
    else if (peerPresent === false) this.partnerAway ??= this.#host.now() + ABSENCE;
  }

  #linkChanged(): void {
    this.#change({});
    this.#talk.flush();
    if (this.#isCut && this.link === "failed") this.#partnerLeft();
  }

  /** The server's own word for it, `skipped` or `stopped`, is on its way. */
  #leaveSoon(): void {
    if (this.#isCut) this.#partnerLeft();
    else this.#timing.after(MOMENT, () => this.#partnerLeft());
  }

  #partnerLeft(): void {
    // Without the server: what it knows comes with `resumed`.
    if (this.#isCut || this.#host.isAttached()) this.#leave("left");
  }

  /** That an attached call ends, the visit sees. */
  #leave(reason: "you" | "left"): void {
    if (this.#isOver) return;
    this.end(reason);
    if (this.#isCut) this.#host.search();
  }

  #change(properties: Partial<Pick<this, "npub" | "isDetached" | "partnerAway" | "theirs">>): void {
    if (this.#isOver) return;
    Object.assign(this, properties);
    this.#events.emit("change");
  }
}
