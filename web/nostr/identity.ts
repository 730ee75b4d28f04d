/** What signing in gives, and what a way of signing in asks of the page meanwhile. */
import type { NostrEvent, UnsignedEvent } from "../../protocol/nostr.ts";

/** Somebody who can prove who they are. An npub that has signed nothing here yet is but a claim. */
export interface Identity {
  readonly npub: string;
  /**
   * Has the draft signed by the key of `npub`, and checks that it was.
   *
   * @throws {SignInError}
   */
  sign(draft: UnsignedEvent): Promise<NostrEvent>;
  /** From now on a reload stays signed in, in place of whoever was before. */
  keep(): void;
  /** Ends the session, and forgets it whatever the signer says; 3 s at most. */
  signOut(): Promise<void>;
}

/** What the page tells the person while a signer or an extension is waited for. */
export interface Watch {
  /** Nothing has come for a while. */
  stillWaiting(): void;
  /** The signer wants the person to visit this page (https://…) first. */
  approveAt(url: string): void;
  /** The person is elsewhere, perhaps in the signer: that time does not count. */
  isAway(): boolean;
}
