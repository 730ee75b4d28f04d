/** The WebSocket under a relay connection: bounded, and noticing by itself when the other end is gone. */
import type { Socket } from "node:net";
import { type ClientOptions, WebSocket } from "ws";

/** Longer frames than this end the connection: no relay has reason to send one. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;
/**
 * Longer frames than this are passed over unread. To end the connection for one would let a stranger's event,
 * which the relay delivers again after every reconnect, keep the worker from hearing anything else.
 */
const MAX_READ_BYTES = 256 * 1024;
// `closeTimeout` is younger than the published types.
const OPTIONS: ClientOptions & { closeTimeout: number } = {
  maxPayload: MAX_FRAME_BYTES,
  handshakeTimeout: 5_000,
  closeTimeout: 1_000,
  perMessageDeflate: false,
};
/** A connection that answers no ping (RFC 6455, section 5.5.2) for this long is half-open, and is cut. */
const PING_INTERVAL_MS = 5_000;

export class RelaySocket extends WebSocket {
  /** Why it could not be opened or was cut, where the reason is known. */
  failure = "";

  #stream: Socket | undefined;
  /** Whether anything has come since the last ping. */
  #heard = true;

  /** Sends frames in one write. */
  sendTogether(frames: string[]): void {
    this.#stream?.cork();
    try {
      for (const frame of frames) this.send(frame);
    } finally {
      this.#stream?.uncork();
    }
  }

  override emit(name: string | symbol, ...values: unknown[]): boolean {
    if (name === "message") {
      this.#heard = true;
      const [data] = values;
      if (Buffer.isBuffer(data) && data.length > MAX_READ_BYTES) return true;
    }
    return super.emit(name, ...values);
  }

  constructor(url: string) {
    super(url, OPTIONS);
    const ping = setInterval(() => {
      if (!this.#heard) {
        this.failure = "no answer to a ping";
        return this.terminate();
      }
      this.#heard = false;
      if (this.readyState === WebSocket.OPEN) this.ping();
    }, PING_INTERVAL_MS);
    const hear = () => {
      this.#heard = true;
    };
    this.on("upgrade", ({ socket }) => {
      this.#stream = socket;
    });
    this.on("open", hear);
    this.on("pong", hear);
    this.on("error", (error) => {
      this.failure = error.message;
    });
    this.on("close", () => clearInterval(ping));
  }
}
