/** The call that there is, and whether the server takes it to be over. */
import type { CallHost, HostedCall, MatchDetails, MatchMessage } from "./call.ts";

export type MakeCall = (match: MatchDetails, host: CallHost) => HostedCall;

export type MeetingEvents = {
  met(call: HostedCall): void;
  /** The call has ended, and whoever uses it has heard so. */
  over(): void;
};

export class Meeting {
  readonly #makeCall: MakeCall;
  readonly #events: MeetingEvents;
  #call: HostedCall | undefined;
  #isDetached = false;
  /** The last that there was: its report may be answered later. */
  #last: HostedCall | undefined;

  constructor(makeCall: MakeCall, events: MeetingEvents) {
    this.#makeCall = makeCall;
    this.#events = events;
  }

  get call(): HostedCall | undefined {
    return this.#call;
  }

  /** The call, if the server knows of it. */
  get attached(): HostedCall | undefined {
    return this.#isDetached ? undefined : this.#call;
  }

  /** A call that is not the last has nothing to say any more. */
  begin(match: MatchDetails, host: CallHost): void {
    const isLast = () => this.#last?.matchId === match.matchId;
    const call = this.#makeCall(match, {
      ...host,
      say: (message) => isLast() && host.say(message),
      search: () => isLast() && host.search(),
    });
    this.#call = call;
    this.#last = call;
    this.#isDetached = false;
    call.on("ended", () => {
      if (this.#call === call) this.#call = undefined;
      // Whoever else listens hears of the end first, then of what follows from it.
      queueMicrotask(() => this.#events.over());
    });
    this.#events.met(call);
  }

  hear(message: MatchMessage): void {
    const call = message.type === "reported" ? this.#last : this.attached;
    if (call?.matchId === message.matchId) call.hear(message);
  }

  /** This side ends it. */
  end(): void {
    this.#call?.end("you");
  }

  /** The server takes it to be over. What is between the browsers goes on, unless somebody has ended it. */
  part(reason: "skipped" | "stopped" | "left"): void {
    const call = this.attached;
    if (reason === "left" && call?.isUp) {
      this.#isDetached = true;
      call.detach();
    } else call?.end(reason);
  }
}
