import * as nip44 from "nostr-tools/nip44";
import { verifyEvent } from "nostr-tools/pure";
import type { NostrEvent } from "../../protocol/nostr.ts";
import { NOTE, type Pair } from "./people.ts";

/** Whether a reply is the signer's, and holds the note that the client asked for, signed. */
export const isRight = ({ signer, conversation }: Pair, reply: NostrEvent): boolean => {
  try {
    const { result } = JSON.parse(nip44.decrypt(reply.content, conversation()));
    const note = JSON.parse(result);
    const ofSigner = reply.pubkey === signer.pubkey && note.pubkey === signer.pubkey;
    return ofSigner && note.content === NOTE && verifyEvent({ ...reply }) && verifyEvent({ ...note });
  } catch {
    return false;
  }
};
