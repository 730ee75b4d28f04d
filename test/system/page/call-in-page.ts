/**
 * Runs in the browser: one side of a call, joined to the other by a channel between pages in place of the server, which
 * a test can cut, hold back, and overhear.
 */
import type { ClientMessage, Mode, Role } from "../../../protocol/messages.ts";
import type { ChatLine, MatchDetails, MatchMessage, Media } from "../../../web/client/call.ts";
import { PeerCall } from "../../../web/client/peer-call.ts";

type Settings = { mode?: Mode; hideAddress?: boolean };
type Passed = { to: Role; message: MatchMessage };

/** What the calls of this page are made of, as somebody with a program of their own would use it. */
const connections: RTCPeerConnection[] = [];
const channels: RTCDataChannel[] = [];
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration);
    connections.push(this);
  }

  override createDataChannel(label: string): RTCDataChannel {
    const channel = super.createDataChannel(label);
    channels.push(channel);
    return channel;
  }
};

/** Looks at every frame that the page paints. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => requestAnimationFrame(resolve));
}

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
  /** What is said meanwhile is kept, or gone, or loses its candidates, or gets others. */
  pipe: "open" | "held" | "cut" | "lossy" | "detour" = "open";
  isAttached = true;
  readonly #role: Role;
  readonly #line = new BroadcastChannel("line");
  #passed = Promise.resolve();
  readonly #held: MatchMessage[] = [];

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
    // A browser that closes a page closes no connection of it.
    addEventListener("pagehide", () => this.call.end("you"));
    this.#line.addEventListener("message", ({ data }: MessageEvent<Passed>) => {
      if (data.to === this.#role) this.call.hear(data.message);
    });
  }

  /** As the server passes it on. */
  say(message: ClientMessage): void {
    this.said.push(message);
    if (message.type !== "signal" && message.type !== "chat" && message.type !== "typing") return;
    if (this.pipe === "cut") return;
    if (this.pipe === "held") this.#held.push(message);
    else if (this.pipe === "lossy") this.#pass(withoutCandidates(message));
    else if (this.pipe === "detour") this.#passAround(message);
    else this.#pass(message);
  }

  release(): void {
    this.pipe = "open";
    for (const message of this.#held.splice(0)) this.#pass(message);
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

  /** Until so many more frames are decoded than now. */
  async sees(more: number): Promise<void> {
    const before = await this.frames();
    await until(async () => (await this.frames()) >= before + more);
  }

  #pass(message: MatchMessage): void {
    const passed: Passed = { to: this.#role === "polite" ? "impolite" : "polite", message };
    // On the wire it is JSON.
    this.#line.postMessage(JSON.parse(JSON.stringify(passed)));
  }

  #passAround(message: MatchMessage): void {
    this.#passed = this.#passed.then(async () => this.#pass(await aroundLoopback(message)));
  }

  #look(): void {
    this.theirs = this.call.theirs;
    if (this.links.at(-1) !== this.call.link) this.links.push(this.call.link);
  }
}

function withoutCandidates(message: MatchMessage): MatchMessage {
  if (message.type !== "signal") return message;
  const { candidates: _, description, ...rest } = message;
  const sdp = description?.sdp?.replace(/a=candidate.*\r\n/g, "");
  return { ...rest, ...(description && { description: { ...description, sdp } }) };
}

/** Over loopback only, and round about. */
async function aroundLoopback(message: MatchMessage): Promise<MatchMessage> {
  if (message.type !== "signal" || !message.candidates) return withoutCandidates(message);
  const candidates = message.candidates.map(async (candidate) => {
    const [, before, port, after] =
      candidate.candidate?.match(/^(.* udp \d+ 127\.0\.0\.1 )(\d+)( .*)$/) ?? [];
    return port ? [{ ...candidate, candidate: `${before}${await detour(Number(port))}${after}` }] : [];
  });
  return { ...message, candidates: (await Promise.all(candidates)).flat() };
}

const stream = (): Promise<MediaStream> => navigator.mediaDevices.getUserMedia({ audio: true, video: true });

declare global {
  var inPage: {
    Side: typeof Side;
    connections: RTCPeerConnection[];
    channels: RTCDataChannel[];
    stream(): Promise<MediaStream>;
    until(isSo: () => Promise<boolean>): Promise<void>;
  };
  /** The port in front of this one: see detour.ts. */
  var detour: (port: number) => Promise<number>;
  /** The sides of this page. */
  var polite: Side;
  var impolite: Side;
}
globalThis.inPage = { Side, connections, channels, stream, until };
