/**
 * Nostr for the page: signing in, and the profiles of those who have. Loaded when it is asked for, with the library that
 * does the cryptography; what the page starts with has only types of it, and keep.ts and problem.ts, which do without.
 */
import QRCode from "qrcode";
import { realTiming, type Timing } from "../client/timing.ts";
import { extensionAppears, signInWithExtension } from "./extension.ts";
import type { Identity, Watch } from "./identity.ts";
import { kept } from "./keep.ts";
import { resume } from "./session.ts";

export { isKeptLink, signInWithBunker } from "./bunker.ts";
export { signInWithExtension } from "./extension.ts";
export type { Identity, Watch } from "./identity.ts";
export { type Offer, offerConnection } from "./offer.ts";
export { SignInError, type SignInProblem } from "./problem.ts";
export { loadProfile, type Profile } from "./profile.ts";

/**
 * Whoever was signed in when the page was last open. A remote signer is not asked anything before something has to be
 * signed; an extension, for which is waited a little, is asked for the public key.
 *
 * @throws {SignInError}
 */
export const restore = async (watch: Watch, timing: Timing = realTiming): Promise<Identity | undefined> => {
  const it = kept();
  if (it?.by === "signer") return resume(it, watch);
  if (!it) return undefined;
  await extensionAppears(timing);
  return signInWithExtension(watch);
};

/** A QR code as an address of an image. */
export const qrCode = async (text: string): Promise<string> => {
  const svg = await QRCode.toString(text, { type: "svg", errorCorrectionLevel: "L", margin: 2 });
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
};
