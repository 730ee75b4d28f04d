/** The partner's browser: the connection to it, kept up for as long as can be. */
import type { IceServer } from "../../protocol/messages.ts";
import { Link, type LinkState } from "./link.ts";
import { Negotiation, type Settings, type Signal } from "./negotiation.ts";
import { Pulse } from "./pulse.ts";
import { arrived, type Quality, quality, type Stats } from "./quality.ts";
import type { Timing } from "./timing.ts";

type Host = {
  /** To the partner, through the server; it may be lost. */
  signal(signal: Signal): void;
  hasChannel(channel: RTCDataChannel): void;
  receives(tracks: MediaStreamTrack[]): void;
  /** Whether they send any. */
  hasMedia(): boolean;
  /** Whether the server says that they are there; if not, it is looked at whether anything comes. */
  isVouched(): boolean;
  /** The state is another, or `isHeard`. */
  changed(): void;
  /** The partner has closed the data channel, and so the call. */
  left(): void;
};

export class Peer {
  readonly #host: Host;
  readonly #role: Settings["role"];
  readonly #pulse: Pulse;
  readonly #link: Link;
  /** Not there in a browser without WebRTC. */
  readonly #negotiation: Negotiation | undefined;
  readonly #onOnline = () => this.restart();
  #stats: Stats = new Map();
  #canSignal = true;
  #hasLeft = false;

  constructor(settings: Settings, host: Host, timing: Timing) {
    this.#host = host;
    this.#role = settings.role;
    this.#pulse = new Pulse(
      {
        count: (hasMedia) => this.#arrived(hasMedia),
        hasMedia: () => host.hasMedia(),
        changed: () => host.changed(),
      },
      timing,
    );
    this.#link = new Link({ restartIce: () => this.#restartIce(), changed: () => this.#change() }, timing);
    this.#negotiation = this.#connect(settings, timing);
    addEventListener("online", this.#onOnline);
  }

  get state(): LinkState {
    return this.#link.state;
  }

  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  /** Whether anything has come from them in the last seconds; undefined: not known, or the server vouches for them. */
  get isHeard(): boolean | undefined {
    return this.#pulse.isHeard;
  }

  /** To be called when the server says that they are away. */
  attend(): void {
    this.#pulse.watch(this.state === "connected" && !this.#hasLeft && !this.#host.isVouched());
  }

  receive(signal: Signal): void {
    this.#negotiation?.receive(signal);
  }

  send(stream: MediaStream | undefined): void {
    this.#negotiation?.tracks.send(stream);
  }

  /** What was on its way between the two may be lost. */
  catchUp(): void {
    this.attend();
    if (!this.#negotiation || this.#negotiation.sendAgain()) return;
    if (this.#role === "impolite" && this.state !== "connected") this.#link.restart();
  }

  /** For the next restart. */
  useServers(iceServers: IceServer[]): void {
    this.#negotiation?.useServers(iceServers);
  }

  restart(): void {
    if (this.#negotiation) this.#link.restart();
  }

  /** From here on no signal arrives: ICE comes back by itself, or not at all. */
  detach(): void {
    this.#canSignal = false;
    this.attend();
  }

  /** Since it was last asked for. */
  async quality(): Promise<Quality> {
    const before = this.#stats;
    this.#stats = (await this.#negotiation?.stats()) ?? new Map();
    return quality(before, this.#stats);
  }

  close(): void {
    removeEventListener("online", this.#onOnline);
    this.#hasLeft = true;
    this.#pulse.watch(false);
    this.#link.close();
    this.#negotiation?.close();
  }

  #connect(settings: Settings, timing: Timing): Negotiation | undefined {
    const host = this.#host;
    try {
      return new Negotiation(
        settings,
        {
          signal: (signal) => host.signal(signal),
          hasChannel: (channel) => this.#use(channel),
          receives: (tracks) => host.receives(tracks),
          isNow: (state) => this.#hear(state),
        },
        timing,
      );
    } catch {
      this.#link.fail();
      return undefined;
    }
  }

  #use(channel: RTCDataChannel): void {
    channel.addEventListener("close", () => this.#lose());
    this.#host.hasChannel(channel);
  }

  #hear(state: RTCPeerConnectionState): void {
    if (state === "failed" && !this.#canSignal) this.#link.fail();
    else this.#link.hear(state);
  }

  async #arrived(hasMedia: boolean): Promise<number | undefined> {
    const stats = await this.#negotiation?.stats();
    return stats && arrived(stats, hasMedia);
  }

  #change(): void {
    this.attend();
    this.#host.changed();
  }

  #restartIce(): void {
    if (this.#canSignal) this.#negotiation?.restartIce();
  }

  #lose(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#host.left();
  }
}
