/** A NIP-46 signer that answers what it is told to answer, however wrong that is. */
import * as nip44 from "nostr-tools/nip44";
import { finalizeEvent, generateSecretKey, getPublicKey } from "nostr-tools/pure";
import { NOSTR_CONNECT, type NostrEvent } from "../../protocol/nostr.ts";
import { bunkerUri } from "../../worker/nip46.ts";
import type { Edge } from "./edge.ts";
import { RelayClient, relayUrl } from "./relay-client.ts";

export interface Asked {
  id: string;
  method: string;
  params: string[];
}

/** What is said on a request, in order: what is no string as JSON, all of it encrypted. */
export type Script = (asked: Asked) => Iterable<unknown> | AsyncIterable<unknown>;

export interface ScriptedSigner {
  pubkey: string;
  uri: string;
  /** Everything that it was asked, in order. */
  asked: Asked[];
  close(): void;
}

export const startSigner = async (edge: Edge, script: Script): Promise<ScriptedSigner> => {
  const secret = generateSecretKey();
  const pubkey = getPublicKey(secret);
  const relay = await RelayClient.open(edge);
  const asked: Asked[] = [];
  await relay.subscribe("requests", { kinds: [NOSTR_CONNECT], "#p": [pubkey], limit: 0 });

  const answer = async (event: NostrEvent) => {
    const key = nip44.getConversationKey(secret, event.pubkey);
    const request: Asked = JSON.parse(nip44.decrypt(event.content, key));
    asked.push(request);
    for await (const reply of script(request)) {
      const text = typeof reply === "string" ? reply : JSON.stringify(reply);
      relay.send("EVENT", letterTo(event.pubkey, nip44.encrypt(text, key), secret));
    }
  };
  const listen = async () => {
    for (;;) {
      const [type, , event] = await relay.next();
      if (type === "EVENT") await answer(event as NostrEvent);
    }
  };
  // Until it is closed.
  listen().catch(() => {});
  return { pubkey, uri: bunkerUri(pubkey, [relayUrl(edge)], "a secret"), asked, close: () => relay.close() };
};

/** A NIP-46 message with this very content. */
export const letterTo = (recipient: string, content: string, secret: Uint8Array) =>
  finalizeEvent(
    { kind: NOSTR_CONNECT, created_at: Math.floor(Date.now() / 1_000), tags: [["p", recipient]], content },
    secret,
  );
