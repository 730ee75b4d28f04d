/** One WebSocket to the server: what is said on it, its heartbeat, and the patience for an answer. */
import { safeParse } from "valibot";
import { CloseCode } from "../../protocol/close-codes.ts";
import { type ClientMessage, HEARTBEAT, ServerMessage } from "../../protocol/messages.ts";
import type { Timing } from "./timing.ts";

/** Milliseconds in which the server must answer. */
const PATIENCE = 10_000;

export interface WireEvents {
  heard(message: ServerMessage): void;
  /** Once, and nothing after it. `code` is the server's; none if it was taken to be gone. */
  gone(code: number | undefined): void;
}

export class Wire {
  readonly #socket: WebSocket;
  readonly #timing: Timing;
  readonly #events: WireEvents;
  readonly #listening = new AbortController();
  #stopWaiting: (() => void) | undefined;
  #stopBeating: (() => void) | undefined;
  #isSettled = false;

  /** The other side has to say where this one is (see `settle`) before patience is over. */
  constructor(url: URL, timing: Timing, events: WireEvents) {
    this.#timing = timing;
    this.#events = events;
    const { signal } = this.#listening;
    this.#socket = new WebSocket(url);
    this.#socket.addEventListener("open", () => this.#socket.send(HEARTBEAT.request), { signal });
    this.#socket.addEventListener("message", ({ data }) => this.#hear(data), { signal });
    this.#socket.addEventListener("close", ({ code }) => this.#lose(code), { signal });
    this.#expectAnswer();
  }

  say(message: ClientMessage): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** It is known where this side is: from now on a ping is what has to be answered. */
  settle(heartbeatSeconds: number): void {
    this.#isSettled = true;
    this.#hasAnswered();
    this.#beat(heartbeatSeconds * 1_000);
  }

  /** Whether there is still somebody at the other end is to be found out now. */
  ping(): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(HEARTBEAT.request);
    this.#expectAnswer();
  }

  /** Nothing is heard of it any more. With 1000 it is a goodbye; after any other code the server keeps the place. */
  close(code: number): void {
    this.#listening.abort();
    this.#hasAnswered();
    this.#stopBeating?.();
    this.#socket.close(code);
  }

  #hear(data: unknown): void {
    if (this.#isSettled) this.#hasAnswered();
    const message = data === HEARTBEAT.response ? undefined : read(data);
    if (message) this.#events.heard(message);
  }

  #lose(code: number | undefined): void {
    this.close(CloseCode.silent);
    this.#events.gone(code);
  }

  #beat(ms: number): void {
    this.#stopBeating = this.#timing.after(ms, () => {
      this.ping();
      this.#beat(ms);
    });
  }

  #expectAnswer(): void {
    this.#stopWaiting ??= this.#timing.after(PATIENCE, () => this.#lose(undefined));
  }

  #hasAnswered(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
  }
}

/** What is no message of the protocol, or one that this client does not know, is passed over. */
function read(data: unknown): ServerMessage | undefined {
  try {
    const { success, output } = safeParse(ServerMessage, JSON.parse(String(data)), { abortEarly: true });
    return success ? output : undefined;
  } catch {
    return undefined;
  }
}
