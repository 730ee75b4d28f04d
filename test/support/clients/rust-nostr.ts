import {
  Duration,
  Keys,
  loadWasmAsync,
  NostrConnect,
  NostrConnectURI,
  NostrSigner,
  PublicKey,
  UnsignedEvent,
} from "@rust-nostr/nostr-sdk";
import { getPublicKey } from "nostr-tools/pure";
import { hex } from "../bunker.ts";
import type { Client, Library } from "./client.ts";

export const rustNostr: Library = {
  name: "@rust-nostr/nostr-sdk",
  // It looks at the result first, which is a string also when there is an error.
  refusal: /^Unexpected result$/,
  connect: (uri, secret) => connect(uri, secret),
  // It knows the older draft: metadata as JSON, and no secret.
  invite: async (relay, secret) => {
    const metadata = encodeURIComponent(JSON.stringify({ name: "an app" }));
    const uri = `nostrconnect://${getPublicKey(secret)}?relay=${encodeURIComponent(relay)}&metadata=${metadata}`;
    return { uri, connected: connect(uri, secret) };
  },
};

const connect = async (uri: string, secret: Uint8Array): Promise<Client> => {
  await loadWasmAsync();
  const keys = Keys.parse(hex(secret));
  const signer = NostrSigner.nip46(new NostrConnect(NostrConnectURI.parse(uri), keys, Duration.fromSecs(10)));
  // It connects with its first question.
  const pubkey = (await signer.publicKey()).toHex();
  return {
    getPublicKey: async () => (await signer.publicKey()).toHex(),
    signEvent: async (draft) => {
      const event = await signer.signEvent(UnsignedEvent.fromJson(JSON.stringify({ ...draft, pubkey })));
      return JSON.parse(event.asJson());
    },
    encrypt: (scheme, peer, text) =>
      scheme === "nip44"
        ? signer.nip44Encrypt(PublicKey.parse(peer), text)
        : signer.nip04Encrypt(PublicKey.parse(peer), text),
    decrypt: (scheme, peer, text) =>
      scheme === "nip44"
        ? signer.nip44Decrypt(PublicKey.parse(peer), text)
        : signer.nip04Decrypt(PublicKey.parse(peer), text),
    close: () => signer.free(),
  };
};
