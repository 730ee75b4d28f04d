/** What is going on with signing in, for the views. */
import { type Signal, signal } from "@preact/signals";
import type { Identity } from "../../nostr/main.ts";
import type { Trouble, Way } from "./words.ts";

/** How far one way of signing in is. */
export type Progress =
  | { is: "idle" }
  /** `isLate`: nothing has come for a while; `approveAt`: where the signer wants the person to go, https://…. */
  | { is: "asking"; isLate: boolean; approveAt: string | undefined }
  /** `isForgotten`: who was signed in is not, any more. */
  | { is: "failed"; trouble: Trouble; isForgotten: boolean };

export const IDLE: Progress = { is: "idle" };
export const ASKING: Progress = { is: "asking", isLate: false, approveAt: undefined };

export const progress: Record<Way, Signal<Progress>> = {
  extension: signal(IDLE),
  bunker: signal(IDLE),
  offer: signal(IDLE),
  kept: signal(IDLE),
};

/** Who is signed in on this page: has proven it, now or before a reload; whether the server knows yet is another matter. */
export const identity = signal<Identity | undefined>(undefined);
/** Somebody has signed in in another tab of this browser, and not here. */
export const isElsewhere = signal(false);
/** The dialog is open, with this bunker URI filled in. */
export const dialog = signal<{ uri: string } | undefined>(undefined);
/** A `nostrconnect://` URI that is listened for, and the address of its QR code. */
export const offer = signal<{ uri: string; image: string } | undefined>(undefined);
