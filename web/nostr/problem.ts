/** Why signing in, or signing, did not work: for the page to put into words. */
import * as v from "valibot";

export type SignInProblem =
  /** What was pasted cannot be used; `why` says what it is instead. */
  | {
      is: "not-a-bunker-uri";
      why:
        | "empty"
        | "private-key"
        | "perhaps-private-key"
        | "nostrconnect"
        | "too-long"
        | "unreadable"
        | "no-relay";
    }
  /** No relay took the request, or none can be listened on. Hosts, for people. */
  | { is: "relay-unreachable"; relays: string[] }
  /** The signer, or the extension, said no; `reason` are its words, cut and cleaned, perhaps none. */
  | { is: "refused"; reason: string }
  | { is: "extension-refused"; reason: string }
  | { is: "no-answer" }
  | { is: "no-extension" }
  /** What came back is no answer to what was asked: not parsed, not signed, another event. */
  | { is: "bad-answer" }
  /** It signs with another key than that of the person who signed in. */
  | { is: "other-key" }
  /** By the page itself. */
  | { is: "cancelled" };

export class SignInError extends Error {
  override name = "SignInError";
  readonly problem: SignInProblem;

  constructor(problem: SignInProblem) {
    super(problem.is);
    this.problem = problem;
  }
}

const MOST_REASON = 200;

/** What a signer, an extension or a relay said, fit to be shown: one line, bounded, nothing that hides or turns text. */
export const cleanReason = (said: unknown): string =>
  v.is(v.string(), said)
    ? said
        .slice(0, 10 * MOST_REASON)
        .replace(/[\p{C}\s]+/gu, " ")
        .trim()
        .slice(0, MOST_REASON)
    : "";
