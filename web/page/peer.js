/**
 * The connection to the stranger: one data channel, set up by perfect negotiation (W3C WebRTC, section 10.7) with the
 * role that the server gave. The impolite side opens the channel, and so makes the first offer.
 */

/** Milliseconds in which candidates are gathered into one message. */
const BATCH = 50;
const MAX_BATCH = 32;

export class Peer {
  #connection;
  #polite;
  #on;
  #channel;
  #makingOffer = false;
  #ignoringOffer = false;
  #candidates = [];
  /** Signals are taken one after the other. */
  #received = Promise.resolve();

  /**
   * @param {string} matchId
   * @param {"polite" | "impolite"} role
   * @param {RTCIceServer[]} iceServers
   * @param {{signal: (payload: object) => void, opened: () => void, said: (words: string) => void, lost: () => void}} on
   *   `lost`: the other side has closed the connection, or it broke
   */
  constructor(matchId, role, iceServers, on) {
    this.#connection = new RTCPeerConnection({ iceServers });
    this.matchId = matchId;
    this.#polite = role === "polite";
    this.#on = on;
    this.#connection.addEventListener("negotiationneeded", () => this.#offer());
    this.#connection.addEventListener("icecandidate", ({ candidate }) => this.#gather(candidate));
    this.#connection.addEventListener("connectionstatechange", () => {
      if (this.#connection.connectionState === "failed") on.lost();
    });
    this.#connection.addEventListener("datachannel", ({ channel }) => this.#use(channel));
    if (!this.#polite) this.#use(this.#connection.createDataChannel("text"));
  }

  /** Whether words can be sent and come. */
  get isOpen() {
    return this.#channel?.readyState === "open";
  }

  /** Says whether the words could be sent. */
  send(words) {
    if (!this.isOpen) return false;
    this.#channel.send(words);
    return true;
  }

  receive(signal) {
    this.#received = this.#received.then(() => this.#take(signal)).catch(() => this.#on.lost());
  }

  close() {
    this.#connection.close();
  }

  #use(channel) {
    this.#channel = channel;
    channel.addEventListener("open", () => this.#on.opened());
    channel.addEventListener("close", () => this.#connection.signalingState !== "closed" && this.#on.lost());
    channel.addEventListener("message", ({ data }) => typeof data === "string" && this.#on.said(data));
  }

  async #offer() {
    try {
      this.#makingOffer = true;
      await this.#connection.setLocalDescription();
      this.#on.signal({ description: this.#connection.localDescription });
    } catch {
      if (this.#connection.signalingState !== "closed") this.#on.lost();
    } finally {
      this.#makingOffer = false;
    }
  }

  #gather(candidate) {
    if (!candidate) return;
    this.#candidates.push(candidate);
    if (this.#candidates.length === 1) setTimeout(() => this.#sendCandidates(), BATCH);
  }

  #sendCandidates() {
    if (this.#connection.signalingState === "closed") return;
    while (this.#candidates.length > 0) {
      this.#on.signal({ candidates: this.#candidates.splice(0, MAX_BATCH) });
    }
  }

  async #take({ description, candidates = [] }) {
    const connection = this.#connection;
    if (connection.signalingState === "closed") return;
    if (description) {
      const collides =
        description.type === "offer" && (this.#makingOffer || connection.signalingState !== "stable");
      this.#ignoringOffer = !this.#polite && collides;
      if (this.#ignoringOffer) return;
      await connection.setRemoteDescription(description);
      if (description.type !== "offer") return;
      await connection.setLocalDescription();
      this.#on.signal({ description: connection.localDescription });
    }
    for (const candidate of candidates) {
      await connection.addIceCandidate(candidate).catch((error) => {
        if (!this.#ignoringOffer) throw error;
      });
    }
  }
}
