/**
 * Who takes part, and what is asked: signers, each with one client of its own. The same number is the same
 * pair in every process, so that nobody has to be told.
 */
import { createHash } from "node:crypto";
import * as nip44 from "nostr-tools/nip44";
import { NOSTR_CONNECT } from "../../protocol/nostr.ts";
import { backend, useBackend } from "../../worker/crypto/backend.ts";
import { chooseCrypto } from "../../worker/crypto/choice.ts";
import { conversationKey } from "../../worker/crypto/conversation-key.ts";
import { signEvent } from "../../worker/crypto/event.ts";

// The fastest there is: what the clients take is not what is measured.
useBackend(await chooseCrypto(undefined, { info: () => {} }));

export interface Person {
  secret: Uint8Array;
  /** Hex. */
  pubkey: string;
}

export interface Pair {
  signer: Person;
  client: Person;
  /** Their conversation key (NIP-44). */
  conversation(): Uint8Array;
}

export const newPair = (index: number): Pair => {
  const person = (role: string): Person => {
    const secret = createHash("sha256").update(`${role} ${index}`).digest();
    return { secret, pubkey: Buffer.from(backend().publicKey(secret)).toString("hex") };
  };
  const [signer, client] = [person("signer"), person("client")];
  let conversation: Uint8Array | undefined;
  return {
    signer,
    client,
    conversation: () => {
      conversation ??= conversationKey("nip44", client.secret, signer.pubkey);
      return conversation;
    },
  };
};

/** A short note, as clients have them signed. */
export const NOTE =
  "What a day: the sun came out at noon, we went down to the river, and nobody wanted to go home. ".repeat(2);

/** What the clients' tokens allow. */
export const PERMS = "sign_event:1,nip44_encrypt";

/** The frame (NIP-01, EVENT) of a request to sign a note, under an id of its own. */
export const signRequest = ({ signer, client, conversation }: Pair, id: string): string => {
  const created_at = Math.floor(Date.now() / 1000);
  const note = JSON.stringify({ kind: 1, content: NOTE, tags: [["t", "bench"]], created_at });
  const request = JSON.stringify({ id, method: "sign_event", params: [note] });
  const event = signEvent(
    {
      kind: NOSTR_CONNECT,
      created_at,
      tags: [["p", signer.pubkey]],
      content: nip44.encrypt(request, conversation()),
    },
    client.pubkey,
    client.secret,
  );
  return JSON.stringify(["EVENT", event]);
};
