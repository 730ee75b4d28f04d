/** Gathers ICE candidates into few messages: one each would cost both sides more, and the server limits messages. */
import type { Said } from "./messages.ts";
import type { Timing } from "./timing.ts";

/** As a `signal` carries it. */
export type Candidate = NonNullable<Said<"signal">["candidates"]>[number];

/** A message goes out so many milliseconds after its first candidate, or as soon as it holds so many. */
const BATCH_MS = 50;
const MAX_BATCH = 32;

export class Candidates {
  readonly #send: (batch: Candidate[]) => void;
  readonly #timing: Pick<Timing, "after">;
  #batch: Candidate[] = [];
  #cancel = () => {};

  constructor(send: (batch: Candidate[]) => void, timing: Pick<Timing, "after">) {
    this.#send = send;
    this.#timing = timing;
  }

  /** Takes the four fields that the protocol has; a browser may know more. */
  add({ candidate, sdpMid, sdpMLineIndex, usernameFragment }: RTCIceCandidateInit): void {
    this.#batch.push({ candidate, sdpMid, sdpMLineIndex, usernameFragment });
    if (this.#batch.length >= MAX_BATCH) this.#flush();
    else if (this.#batch.length === 1) this.#cancel = this.#timing.after(BATCH_MS, () => this.#flush());
  }

  /** What has been gathered is not sent: another description makes it worthless, or the call is over. */
  drop(): void {
    this.#cancel();
    this.#batch = [];
  }

  #flush(): void {
    const batch = this.#batch;
    this.drop();
    this.#send(batch);
  }
}
