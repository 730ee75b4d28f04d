/**
 * Perfect negotiation (W3C WebRTC, section 10.7) on one RTCPeerConnection. The impolite side opens the data channel and
 * so makes the first offer; either may restart ICE.
 */
import type { IceServer, Mode, Role } from "../../protocol/messages.ts";
import { Candidates } from "./candidates.ts";
import type { Said } from "./messages.ts";
import type { Timing } from "./timing.ts";
import { Tracks } from "./tracks.ts";

/** Either a description, or candidates. */
export type Signal = Pick<Said<"signal">, "description" | "candidates">;

const CHANNEL = "talk";

export type Settings = { role: Role; mode: Mode; iceServers: IceServer[]; relayOnly: boolean };
export type NegotiationHost = {
  /** To the partner. It may be lost: see `sendAgain`. */
  signal(signal: Signal): void;
  hasChannel(channel: RTCDataChannel): void;
  receives(tracks: MediaStreamTrack[]): void;
  isNow(state: RTCPeerConnectionState): void;
};

export class Negotiation {
  readonly tracks: Tracks;
  readonly #connection: RTCPeerConnection;
  readonly #settings: Settings;
  readonly #host: NegotiationHost;
  readonly #candidates: Candidates;
  #isOffering = false;
  /** Signals are taken one after the other. */
  #taken = Promise.resolve();

  /** Throws where the browser has no WebRTC, or cannot use the ICE servers. */
  constructor(settings: Settings, host: NegotiationHost, timing: Timing) {
    this.#settings = settings;
    this.#host = host;
    const connection = new RTCPeerConnection(configuration(settings, settings.iceServers));
    this.#connection = connection;
    this.#candidates = new Candidates((candidates) => host.signal({ candidates }), timing);
    this.tracks = new Tracks(connection, settings.mode === "video");
    connection.addEventListener("negotiationneeded", () => this.#offer());
    connection.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate) this.#candidates.add(candidate.toJSON());
    });
    connection.addEventListener("connectionstatechange", () => host.isNow(connection.connectionState));
    connection.addEventListener("datachannel", ({ channel }) => this.#accept(channel));
    if (settings.role === "polite") return;
    this.tracks.offer();
    host.hasChannel(connection.createDataChannel(CHANNEL));
  }

  receive(signal: Signal): void {
    // Whatever the browser does not understand in it is the partner's fault, and changes nothing.
    this.#taken = this.#taken.then(() => this.#take(signal)).catch(() => {});
  }

  /** Takes effect with the next restart. */
  useServers(iceServers: IceServer[]): void {
    try {
      this.#connection.setConfiguration(configuration(this.#settings, iceServers));
    } catch {
      // Those from before go on to serve.
    }
  }

  /** Sends an offer that has no answer again, with all candidates since; says whether there was one. */
  sendAgain(): boolean {
    if (this.#connection.signalingState !== "have-local-offer") return false;
    this.#tell();
    return true;
  }

  restartIce(): void {
    this.#connection.restartIce();
    // Otherwise `negotiationneeded` would come only after the answer, which may be lost.
    if (this.#connection.signalingState === "have-local-offer") this.#offer();
  }

  stats(): Promise<RTCStatsReport> {
    return this.#connection.getStats();
  }

  close(): void {
    this.#candidates.drop();
    this.#connection.close();
  }

  async #take({ description, candidates = [] }: Signal): Promise<void> {
    const connection = this.#connection;
    for (const {
      candidate = "",
      sdpMid = null,
      sdpMLineIndex = null,
      usernameFragment = null,
    } of candidates) {
      // Those of an offer that was ignored fit nothing.
      await connection
        .addIceCandidate({ candidate, sdpMid, sdpMLineIndex, usernameFragment })
        .catch(() => {});
    }
    // A rollback is for one's own side to decide, and nobody here sends provisional answers.
    if (description?.type !== "offer" && description?.type !== "answer") return;
    const { type, sdp = "" } = description;
    const isFree = !this.#isOffering && connection.signalingState === "stable";
    if (type === "offer" && !isFree && this.#settings.role === "impolite") return;
    await connection.setRemoteDescription({ type, sdp });
    if (type === "offer") {
      this.tracks.answer();
      await connection.setLocalDescription();
      this.#tell();
    }
    this.#host.receives(this.tracks.received);
  }

  async #offer(): Promise<void> {
    try {
      this.#isOffering = true;
      await this.#connection.setLocalDescription();
      this.#tell();
    } catch {
      // Closed meanwhile.
    } finally {
      this.#isOffering = false;
    }
  }

  #tell(): void {
    const { localDescription, signalingState } = this.#connection;
    if (!localDescription || signalingState === "closed") return;
    this.#host.signal({ description: { type: localDescription.type, sdp: localDescription.sdp } });
  }

  #accept(channel: RTCDataChannel): void {
    if (this.#settings.role === "polite" && channel.label === CHANNEL) this.#host.hasChannel(channel);
    else channel.close();
  }
}

const configuration = ({ relayOnly }: Settings, iceServers: IceServer[]): RTCConfiguration => ({
  iceServers,
  iceTransportPolicy: relayOnly ? "relay" : "all",
  // One set of candidates, and of relayed addresses, rather than one for each kind of media.
  bundlePolicy: "max-bundle",
});
