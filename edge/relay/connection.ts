/** One client of the relay: its socket, and how it behaves. */
import { CloseCode } from "../../protocol/close-codes.ts";
import { TokenBucket } from "../token-bucket.ts";
import { LIMITS } from "./limits.ts";

/**
 * Of this, only the id is in the socket's attachment: who hibernates has been silent for longer than any bucket takes
 * to fill.
 */
export class Connection {
  readonly socket: WebSocket;
  /** Under which its subscriptions are saved. */
  readonly id: string;
  readonly events = new TokenBucket(LIMITS.rates.events);
  readonly requests = new TokenBucket(LIMITS.rates.requests);
  readonly #refusals = new TokenBucket(LIMITS.rates.refusals);
  #nonsenseInARow = 0;

  private constructor(socket: WebSocket, id: string) {
    this.socket = socket;
    this.id = id;
  }

  static accepted(socket: WebSocket): Connection {
    const id = crypto.randomUUID();
    socket.serializeAttachment(id);
    return new Connection(socket, id);
  }

  /** As it was before the object lost its memory. */
  static restored(socket: WebSocket): Connection {
    return new Connection(socket, String(socket.deserializeAttachment()));
  }

  send(frame: string): void {
    try {
      this.socket.send(frame);
    } catch {
      // It is closing, and its close event follows: what was meant for it is nobody else's concern.
    }
  }

  close(code?: CloseCode, reason?: string): void {
    try {
      this.socket.close(code, reason);
    } catch {
      // It was closed already.
    }
  }

  /** It sent something that makes sense. */
  behaved(): void {
    this.#nonsenseInARow = 0;
  }

  /** It sent what no well-made client sends: the reason to close, when it was once too often. */
  sentNonsense(): CloseCode | undefined {
    this.#nonsenseInARow += 1;
    return this.#nonsenseInARow >= LIMITS.nonsenseInARow ? CloseCode.badMessages : undefined;
  }

  /** It was refused something that a well-made client may ask for: the reason to close, when it goes on and on. */
  wasRefused(now: number): CloseCode | undefined {
    return this.#refusals.take(now) > 0 ? CloseCode.rateLimited : undefined;
  }
}
