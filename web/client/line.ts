/**
 * The line to the server: one conversation over as many sockets as it takes. When one is lost another is opened, and
 * the server asked for the place that it has kept. Times are in milliseconds.
 */
import { CloseCode } from "../../protocol/close-codes.ts";
import { type ClientMessage, PROTOCOL_VERSION, type ServerMessage } from "../../protocol/messages.ts";
import { pauseBefore } from "./backoff.ts";
import { type Closed, endingOf, type Refusal } from "./endings.ts";
import type { Told } from "./messages.ts";
import type { Timing } from "./timing.ts";
import { Tokens } from "./tokens.ts";
import { Wire } from "./wire.ts";

/** In which nobody has answered before that is said. */
const UNREACHABLE_AFTER = 60_000;
/** A connection that has lasted so long was a good one: after it, the pauses begin anew. */
const GOOD_AFTER = 10_000;
const GOODBYE = 1000;

export type Connection =
  | { is: "connecting" }
  | { is: "open" }
  /** `since`: in milliseconds since 1970. The server keeps a place meanwhile, for a time. */
  | { is: "reconnecting"; since: number }
  | Closed;

export interface LineEvents {
  connection(connection: Connection): void;
  /** There is a connection on which this side is somebody new: the first, or the place is lost. */
  arrived(challenge: string): void;
  /** What is said once it is known where this side is; first, after coming back, `resumed`. */
  heard(message: ServerMessage): void;
  /** Whether a connection is worth trying for after a minute in vain. */
  isNeeded(): boolean;
}

export class Line {
  connection: Connection = { is: "connecting" };
  readonly #url: URL;
  readonly #timing: Timing;
  readonly #events: LineEvents;
  readonly #tokens = new Tokens();
  #wire: Wire | undefined;
  #welcome: Told<"welcome"> | undefined;
  #refusal: Refusal | undefined;
  #isSettled = false;
  #settledAt = 0;
  #brokeAt: number | undefined;
  #attempt = 0;
  #callOff: (() => void) | undefined;

  /** @param url of `/ws`, without a query */
  constructor(url: URL, timing: Timing, events: LineEvents) {
    this.#url = new URL(url);
    this.#url.searchParams.set("v", String(PROTOCOL_VERSION));
    this.#timing = timing;
    this.#events = events;
    this.#connect();
  }

  /** Whether what is said now is heard by the server that knows this side. */
  get isOpen(): boolean {
    return this.#isSettled;
  }

  /** What whoever signs in on this connection has to sign. */
  get challenge(): string {
    return this.#welcome?.challenge ?? "";
  }

  say(message: ClientMessage): void {
    if (this.#isSettled) this.#wire?.say(message);
  }

  /** Somebody wants a connection: tries at once, and for as long as at the first time. */
  open(): void {
    if (this.connection.is !== "closed") return;
    this.#brokeAt = undefined;
    this.#attempt = 0;
    this.#show({ is: "connecting" });
    this.#connect();
  }

  /** The device's network has changed: what was waited for may come true now. */
  hurry(): void {
    if (this.#isSettled) this.#wire?.ping();
    else if (this.connection.is !== "closed" || this.connection.why === "unreachable") this.#connect();
  }

  /** Goodbye to whoever this side was, and in again as somebody new. */
  renew(): void {
    if (this.connection.is === "closed") return;
    this.#leave();
    this.#show({ is: "connecting" });
    this.#connect();
  }

  /** Goodbye: no place is kept. */
  close(): void {
    this.#leave();
    this.#show({ is: "closed", why: "left" });
  }

  #leave(): void {
    this.#cut(GOODBYE);
    this.#forget();
  }

  /** There is no place any more, here or elsewhere. */
  #forget(): void {
    this.#tokens.drop();
    this.#url.searchParams.delete("lobby");
  }

  #connect(): void {
    this.#cut(CloseCode.silent);
    this.#refusal = undefined;
    this.#wire = new Wire(this.#url, this.#timing, {
      heard: (message) => this.#hear(message),
      gone: (code) => this.#lose(code),
    });
  }

  #hear(message: ServerMessage): void {
    switch (message.type) {
      case "welcome":
        this.#welcome = message;
        this.#askForPlace();
        return;
      case "session":
        this.#tokens.give(message.token);
        return;
      case "move":
        this.#move(message);
        return;
      case "resumed":
        this.#settle(() => this.#events.heard(message));
        return;
      case "error":
        this.#refusal = message;
        if (message.code !== "resume-failed") break;
        this.#tokens.refuse();
        if (!this.#isSettled) this.#askForPlace();
        return;
    }
    if (this.#isSettled) this.#events.heard(message);
  }

  /** Says who this side was, or takes the connection as it is. */
  #askForPlace(): void {
    const token = this.#tokens.next;
    if (token !== undefined) {
      this.#tokens.ask();
      this.#wire?.say({ type: "resume", token });
      return;
    }
    this.#settle(() => this.#events.arrived(this.challenge));
  }

  /** @param tell says where this side is, before anybody asks for more because there is a connection */
  #settle(tell: () => void): void {
    const { heartbeatSeconds = 0, lobby = "" } = this.#welcome ?? {};
    this.#url.searchParams.set("lobby", lobby);
    this.#tokens.settle();
    this.#wire?.settle(heartbeatSeconds);
    this.#isSettled = true;
    this.#settledAt = this.#timing.now();
    this.#brokeAt = undefined;
    tell();
    if (this.#isSettled) this.#show({ is: "open" });
  }

  /** To whoever waits it is one and the same connection, if all goes well. */
  #move({ lobby, token }: Told<"move">): void {
    this.#cut(CloseCode.moved);
    this.#tokens.move(token);
    this.#url.searchParams.set("lobby", lobby);
    this.#connect();
  }

  #lose(code: number | undefined): void {
    const now = this.#timing.now();
    const wasSettled = this.#isSettled;
    if (wasSettled && now - this.#settledAt >= GOOD_AFTER) this.#attempt = 0;
    this.#cut(CloseCode.silent);
    this.#tokens.lose();
    this.#brokeAt ??= now;
    const ending = endingOf(code, this.#refusal);
    // Turned away at the door, nobody loses a place that is kept inside.
    const isKept = !wasSettled && this.#keepsPlace(now) && ending?.retryAfter !== undefined;
    if (ending && !isKept) this.#end(ending);
    else this.#retry(now, this.#brokeAt, ending?.retryAfter);
  }

  #keepsPlace(now: number): boolean {
    const { resumeSeconds = 0 } = this.#welcome ?? {};
    return this.#tokens.next !== undefined && now - (this.#brokeAt ?? now) < resumeSeconds * 1_000;
  }

  #retry(now: number, brokeAt: number, retryAfter: number | undefined): void {
    if (now - brokeAt >= UNREACHABLE_AFTER && !this.#keepsPlace(now)) {
      this.#end({ is: "closed", why: "unreachable" });
      // Who was told may have tried again at once.
      if (this.#wire || !this.#events.isNeeded()) return;
    } else this.#show(this.#welcome ? { is: "reconnecting", since: brokeAt } : { is: "connecting" });
    const { reconnectJitterSeconds = 1 } = this.#welcome ?? {};
    const pause = pauseBefore(this.#attempt, reconnectJitterSeconds, this.#timing.random());
    this.#attempt += 1;
    this.#callOff = this.#timing.after(retryAfter === undefined ? pause : retryAfter * 1_000, () =>
      this.#connect(),
    );
  }

  #end(closed: Closed): void {
    this.#forget();
    this.#show(closed);
  }

  /** The present connection is none any more, nor is one on the way. */
  #cut(code: number): void {
    this.#callOff?.();
    this.#callOff = undefined;
    this.#wire?.close(code);
    this.#wire = undefined;
    this.#isSettled = false;
  }

  #show(connection: Connection): void {
    if (isSame(this.connection, connection)) return;
    this.connection = connection;
    this.#events.connection(connection);
  }
}

const isSame = (one: Connection, other: Connection): boolean =>
  one.is === "closed" && other.is === "closed" ? one.why === other.why : one.is === other.is;
