/**
 * Runs in the browser: one side of a call, joined to the other by a channel between pages in place of the server, which
 * a test can cut, hold back, and overhear.
 */
import type { ClientMessage, Mode, Role } from "../../../protocol/messages.ts";
import type { ChatLine, MatchDetails, MatchMessage, Media } from "../../../web/client/call.ts";
import { PeerCall } from "../../../web/client/peer-call.ts";

type Settings = { mode?: Mode; hideAddress?: boolean };
type Passed = { to: Role; message: MatchMessage };

/** The data channels of this page, as somebody with a program of their own would use them. */
const channels: RTCDataChannel[] = [];
const { createDataChannel } = RTCPeerConnection.prototype;
RTCPeerConnection.prototype.createDataChannel = function (...args) {
  const channel = createDataChannel.apply(this, args);
  channels.push(channel);
  return channel;
};

class Side {
  readonly match: MatchDetails;
  readonly call: PeerCall;
  readonly said: ClientMessage[] = [];
  readonly heard: ChatLine[] = [];
  readonly typing: boolean[] = [];
  readonly links: string[] = [];
  theirs: Media | undefined;
  ended: string | undefined;
  searches = 0;
  /** What is said meanwhile is kept, or gone. */
  pipe: "open" | "held" | "cut" = "open";
  isAttached = true;
  readonly #role: Role;
  readonly #line = new BroadcastChannel("line");
  readonly #held: Passed[] = [];

  constructor(role: Role, { mode = "video", hideAddress = false }: Settings = {}) {
    this.#role = role;
    const peer = { npub: null, met: false };
    this.match = { matchId: "1", role, mode, interests: [], peer, iceServers: [] };
    this.call = new PeerCall(this.match, {
      say: (message) => this.say(message),
      isAttached: () => this.isAttached,
      search: () => {
        this.searches += 1;
      },
      hideAddress,
      now: () => Date.now(),
      newId: () => crypto.randomUUID(),
    });
    this.call.on("chat", (line) => this.heard.push(line));
    this.call.on("typing", (on) => this.typing.push(on));
    this.call.on("change", () => this.#look());
    this.call.on("ended", (reason) => {
      this.ended = reason;
    });
    this.#line.addEventListener("message", ({ data }: MessageEvent<Passed>) => {
      if (data.to === this.#role) this.call.hear(data.message);
    });
  }

  /** As the server passes it on. */
  say(message: ClientMessage): void {
    this.said.push(message);
    if (message.type !== "signal" && message.type !== "chat" && message.type !== "typing") return;
    // As it goes through the server: as JSON.
    const passed: Passed = { to: this.#role === "polite" ? "impolite" : "polite", message };
    if (this.pipe === "held") this.#held.push(passed);
    else if (this.pipe === "open") this.#line.postMessage(JSON.parse(JSON.stringify(passed)));
  }

  release(): void {
    this.pipe = "open";
    for (const passed of this.#held.splice(0)) this.#line.postMessage(JSON.parse(JSON.stringify(passed)));
  }

  /** The connection to the server is gone. */
  drop(): void {
    this.pipe = "cut";
    this.isAttached = false;
  }

  /** It is there again, and the other side's too. */
  comeBack(): void {
    this.pipe = "open";
    this.isAttached = true;
    this.call.resumed({ ...this.match, peerPresent: true });
  }

  get saidDescriptions(): { type: string; sdp: string }[] {
    return this.said.flatMap((message) =>
      message.type === "signal" && message.description
        ? [{ type: message.description.type, sdp: message.description.sdp ?? "" }]
        : [],
    );
  }

  saidTypes(): string[] {
    return this.said.map(({ type }) => type).filter((type) => type !== "signal");
  }

  async frames(): Promise<number> {
    return (await this.call.quality()).framesDecoded;
  }

  #look(): void {
    this.theirs = this.call.theirs;
    if (this.links.at(-1) !== this.call.link) this.links.push(this.call.link);
  }
}

const stream = (): Promise<MediaStream> => navigator.mediaDevices.getUserMedia({ audio: true, video: true });

const inPage = { Side, channels, stream };
declare global {
  var inPage: { Side: typeof Side; channels: RTCDataChannel[]; stream(): Promise<MediaStream> };
  /** The sides of this page, by role. */
  var polite: Side;
  var impolite: Side;
}
globalThis.inPage = inPage;
