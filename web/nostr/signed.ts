/** Whether what came back is what was to be signed. */
import { decode, npubEncode } from "nostr-tools/nip19";
import { verifyEvent } from "nostr-tools/pure";
import * as v from "valibot";
import { Hex64, NostrEvent, type UnsignedEvent } from "../../protocol/nostr.ts";
import { SignInError } from "./problem.ts";

/** Some extensions leave fields of their own in the event. */
const Answer = v.object(NostrEvent.entries);

/**
 * The draft, signed by `pubkey` (hex). Verified as a fresh object: an event that somebody has marked as verified proves
 * nothing.
 *
 * @throws {SignInError} `bad-answer` or `other-key`
 */
export const checkSigned = (answer: unknown, draft: UnsignedEvent, pubkey: string): NostrEvent => {
  const parsed = v.safeParse(Answer, answer, { abortEarly: true });
  if (!parsed.success) throw new SignInError({ is: "bad-answer" });
  const event = parsed.output;
  if (event.pubkey !== pubkey) throw new SignInError({ is: "other-key" });
  const isSame =
    event.kind === draft.kind &&
    event.content === draft.content &&
    JSON.stringify(event.tags) === JSON.stringify(draft.tags);
  if (!isSame || !verifyEvent({ ...event })) throw new SignInError({ is: "bad-answer" });
  return event;
};

/** @throws {SignInError} `bad-answer`, for what is no public key in hex */
export const checkPublicKey = (answer: unknown): string => {
  if (v.is(Hex64, answer)) return answer;
  throw new SignInError({ is: "bad-answer" });
};

export const npubOf = (pubkey: string): string => npubEncode(pubkey);

/** The public key (hex) of an npub; undefined for what is none. */
export const hexOfNpub = (npub: string): string | undefined => {
  try {
    const { type, data } = decode(npub);
    return type === "npub" ? data : undefined;
  } catch {
    return undefined;
  }
};
