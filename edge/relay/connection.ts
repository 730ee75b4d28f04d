/** One client of the relay: its socket, and how it behaves. */
import { CloseCode } from "../../protocol/close-codes.ts";
import { TokenBucket } from "../token-bucket.ts";
import { LIMITS } from "./limits.ts";
import type { Share } from "./share.ts";

/** What stands in the socket's attachment, and so outlives the object's memory. */
export type Identity = {
  /** Under which its subscriptions are saved. */
  id: string;
  /** The pseudonym of where it comes from. */
  address: string;
};

/**
 * Its manners are not kept, nor are the rates of its address: who hibernates has been silent for about as long as any
 * bucket takes to fill.
 */
export class Connection {
  readonly socket: WebSocket;
  readonly id: string;
  readonly share: Share;
  readonly #refusals = new TokenBucket(LIMITS.rates.refusals);
  #nonsenseInARow = 0;

  constructor(socket: WebSocket, id: string, share: Share) {
    this.socket = socket;
    this.id = id;
    this.share = share;
    share.connections.add(this);
  }

  send(frame: string): void {
    try {
      this.socket.send(frame);
    } catch {
      // It is closing, and its close event follows: what was meant for it is nobody else's concern.
    }
  }

  close(code?: CloseCode, reason?: string): void {
    this.share.connections.delete(this);
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
