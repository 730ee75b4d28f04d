/**
 * The media of a call: one audio and one video transceiver, both ways, for all its time. Tracks come and go in them by
 * `replaceTrack`, without negotiation; whatever else is offered is declined.
 */

const KINDS = ["audio", "video"] as const;
type Kind = (typeof KINDS)[number];

export class Tracks {
  readonly #connection: RTCPeerConnection;
  readonly #isWanted: boolean;
  /** Names what is sent as one stream, so that the partner's browser keeps lips and voice together. */
  readonly #local = new MediaStream();
  readonly #transceivers = new Map<Kind, RTCRtpTransceiver>();
  #sent: MediaStream | undefined;

  /** `isWanted`: not in a call of words only. */
  constructor(connection: RTCPeerConnection, isWanted: boolean) {
    this.#connection = connection;
    this.#isWanted = isWanted;
  }

  /** For the one who makes the first offer. */
  offer(): void {
    if (!this.#isWanted) return;
    for (const kind of KINDS) {
      const init: RTCRtpTransceiverInit = { direction: "sendrecv", streams: [this.#local] };
      this.#transceivers.set(kind, this.#connection.addTransceiver(kind, init));
    }
  }

  /** Between the partner's offer and the answer to it. */
  answer(): void {
    for (const transceiver of this.#connection.getTransceivers()) {
      if (transceiver.direction === "stopped" || this.#isOurs(transceiver)) continue;
      transceiver.direction = "inactive";
    }
  }

  /** What comes from the partner, by the last answer, given or taken. */
  get received(): MediaStreamTrack[] {
    return [...this.#transceivers.values()]
      .filter(({ currentDirection }) => currentDirection === "sendrecv" || currentDirection === "recvonly")
      .map(({ receiver }) => receiver.track);
  }

  send(stream: MediaStream | undefined): void {
    this.#sent = stream;
    for (const [kind, transceiver] of this.#transceivers) this.#replace(kind, transceiver);
  }

  /** Whether it is one of the two; the first of each kind that the partner offers is taken. */
  #isOurs(transceiver: RTCRtpTransceiver): boolean {
    const kind = KINDS.find((each) => each === transceiver.receiver.track.kind);
    if (!kind || !this.#isWanted) return false;
    if (this.#transceivers.has(kind)) return this.#transceivers.get(kind) === transceiver;
    this.#transceivers.set(kind, transceiver);
    transceiver.direction = "sendrecv";
    transceiver.sender.setStreams(this.#local);
    this.#replace(kind, transceiver);
    return true;
  }

  #replace(kind: Kind, { sender }: RTCRtpTransceiver): void {
    const track = this.#sent?.getTracks().find((each) => each.kind === kind && each.readyState === "live");
    // Refused only when the connection is closed, or the partner has ended the transceiver.
    sender.replaceTrack(track ?? null).catch(() => {});
  }
}
