/** Talking to a remote signer (NIP-46), for as long as one thing takes. nostr-tools does it; here it is bounded. */
import { type BunkerPointer, BunkerSigner } from "nostr-tools/nip46";
import * as v from "valibot";
import type { Watch } from "./identity.ts";
import { PERSON_SECONDS, patiently, SIGNER_SECONDS } from "./patience.ts";
import { cleanReason, SignInError } from "./problem.ts";
import { hostOf } from "./relays.ts";
import { SignerRelays } from "./signer-relays.ts";

/** The page's own key for one signer, and where the signer (hex) is to be found. */
export interface Line {
  key: Uint8Array;
  signer: string;
  relays: string[];
}

/** Waits for what the signer was asked for, as long as a signer gets, and says what went wrong. */
export type Ask = <T>(request: Promise<T>) => Promise<T>;

/**
 * Opens the relays, has `talk` ask the signer, and closes them: between two questions there is nothing to be heard, and
 * no relay has to hold a socket for that.
 *
 * @throws {SignInError}
 */
export const talkTo = async <T>(
  { key, signer: pubkey, relays }: Line,
  watch: Watch,
  talk: (signer: BunkerSigner, ask: Ask) => Promise<T>,
): Promise<T> => {
  const pool = new SignerRelays();
  let most = SIGNER_SECONDS;
  const onauth = (url: unknown) => {
    if (!v.is(ApprovalPage, url)) return;
    most = PERSON_SECONDS;
    watch.approveAt(url);
  };
  const pointer: BunkerPointer = { pubkey, relays, secret: null };
  const signer = BunkerSigner.fromBunker(key, pointer, { pool, onauth });
  const ask: Ask = (request) => patiently(request, watch, () => most);
  try {
    return await talk(signer, ask);
  } catch (error) {
    throw failureOf(error, relays);
  } finally {
    await signer.close();
    pool.destroy();
  }
};

/** Where a signer sends a person must not be a script, nor anything that opens another program. */
const ApprovalPage = v.pipe(
  v.string(),
  v.maxLength(2_048),
  v.check((text) => URL.canParse(text) && new URL(text).protocol === "https:"),
);

/** nostr-tools rejects with the signer's words as they are, with the failures of all relays, or with what it tripped over. */
const failureOf = (error: unknown, relays: string[]): SignInError => {
  if (error instanceof SignInError) return error;
  if (error instanceof AggregateError) {
    return new SignInError({ is: "relay-unreachable", relays: relays.map(hostOf) });
  }
  if (error instanceof Error) return new SignInError({ is: "bad-answer" });
  return new SignInError({ is: "refused", reason: cleanReason(error) });
};
