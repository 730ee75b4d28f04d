/**
 * How the connection between the two browsers is, and when ICE is restarted: as soon as it has failed, has been
 * `disconnected` for 3 s, or the network is another; again every 10 s while that does not help; at most once in 5 s.
 */
import type { Timing } from "./timing.ts";

export type LinkState = "connecting" | "connected" | "reconnecting" | "failed";

/** ms. What is disconnected often comes back by itself. */
const FORBEARANCE = 3_000;
const BETWEEN_RESTARTS = 5_000;
const BEFORE_ANOTHER = 10_000;
/** ms. Without a connection for so long it is given up, until somebody asks for it again. */
const PATIENCE = 30_000;

type Host = { restartIce(): void; changed(): void };

export class Link {
  readonly #host: Host;
  readonly #timing: Pick<Timing, "now" | "after">;
  #state: LinkState = "connecting";
  #hasBeenUp = false;
  #restartedAt = Number.NEGATIVE_INFINITY;
  #cancelRestart: (() => void) | undefined;
  #cancelPatience: (() => void) | undefined;

  constructor(host: Host, timing: Pick<Timing, "now" | "after">) {
    this.#host = host;
    this.#timing = timing;
    this.#bePatient();
  }

  get state(): LinkState {
    return this.#state;
  }

  /** What the RTCPeerConnection says. */
  hear(state: RTCPeerConnectionState): void {
    if (state === "connected") {
      this.close();
      this.#hasBeenUp = true;
      this.#become("connected");
    } else if (state === "disconnected" || state === "failed") {
      if (this.#state === "failed") return;
      this.#seek();
      this.#restartIn(state === "failed" ? 0 : FORBEARANCE);
    }
  }

  /** Restarts ICE now, or as soon as it may be; a connection that was given up is sought again. */
  restart(): void {
    if (this.#state !== "connected") this.#seek();
    this.#restartIn(0);
  }

  /** There will be no connection. */
  fail(): void {
    this.close();
    this.#become("failed");
  }

  /** No timer is left running. */
  close(): void {
    this.#cancelRestart?.();
    this.#cancelPatience?.();
    this.#cancelRestart = undefined;
    this.#cancelPatience = undefined;
  }

  #seek(): void {
    this.#bePatient();
    this.#become(this.#hasBeenUp ? "reconnecting" : "connecting");
  }

  #bePatient(): void {
    this.#cancelPatience ??= this.#timing.after(PATIENCE, () => this.fail());
  }

  #restartIn(ms: number): void {
    this.#cancelRestart?.();
    const wait = Math.max(ms, this.#restartedAt + BETWEEN_RESTARTS - this.#timing.now());
    if (wait > 0) this.#cancelRestart = this.#timing.after(wait, () => this.#restartNow());
    else this.#restartNow();
  }

  #restartNow(): void {
    this.#restartedAt = this.#timing.now();
    this.#cancelRestart = undefined;
    // An offer may be lost, and then no state ever changes.
    if (this.#state !== "connected") {
      this.#cancelRestart = this.#timing.after(BEFORE_ANOTHER, () => this.#restartNow());
    }
    this.#host.restartIce();
  }

  #become(state: LinkState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#host.changed();
  }
}
