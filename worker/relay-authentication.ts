/** Tells a relay that asks (NIP-42) who this process is. */
import { CLIENT_AUTH, type NostrEvent } from "../protocol/nostr.ts";
import type { LocalKey } from "./keys.ts";
import { type Logger, sayGathered } from "./log.ts";
import { Rates } from "./rates.ts";

const MAX_CHALLENGE_LENGTH = 1_024;
const MOST_CHALLENGES = { burst: 10, perSecond: 1 };
/** By the URLs of relays. */
const challenges = new Rates(() => performance.now());

export interface AuthenticationOptions {
  identity: Pick<LocalKey, "sign">;
  say(message: unknown[]): void;
  /** The relay knows now who this is. */
  onKnown(): void;
  log: Logger;
}

export class Authentication {
  #url: string;
  #options: AuthenticationOptions;
  /** The event that answers the relay's challenge, until the relay has said that it does. */
  #event: NostrEvent | undefined;
  /** For the latest challenge, when there have been too many. */
  #retry: NodeJS.Timeout | undefined;
  #sayUnknown = sayGathered((count, reason: string) =>
    this.#options.log.warn({ reason, count }, "the relay does not accept who this is"),
  );

  constructor(url: string, options: AuthenticationOptions) {
    this.#url = url;
    this.#options = options;
  }

  /** AUTH. A relay may ask at any time, and is answered at once; of one that asks all the time, only the latest. */
  challenged(challenge: unknown): void {
    clearTimeout(this.#retry);
    const seconds = challenges.take(this.#url, MOST_CHALLENGES);
    if (seconds > 0) {
      this.#retry = setTimeout(() => this.challenged(challenge), seconds * 1_000);
      return;
    }
    if (typeof challenge !== "string" || challenge.length > MAX_CHALLENGE_LENGTH) return;
    this.#event = this.#options.identity.sign({
      kind: CLIENT_AUTH,
      content: "",
      tags: [
        ["relay", this.#url],
        ["challenge", challenge],
      ],
      created_at: Math.floor(Date.now() / 1000),
    });
    this.#options.say(["AUTH", this.#event]);
  }

  /** The relay's answer (OK) to an event; whether it is to this one. */
  answered(id: string, accepted: boolean, reason: string): boolean {
    if (id !== this.#event?.id) return false;
    if (accepted) {
      this.#event = undefined;
      this.#options.log.info("the relay knows who this is");
      this.#options.onKnown();
    } else {
      this.#sayUnknown(reason);
    }
    return true;
  }

  lost(): void {
    this.#event = undefined;
    clearTimeout(this.#retry);
  }
}
