import { BunkerSigner, createNostrConnectURI, parseBunkerInput } from "nostr-tools/nip46";
import { SimplePool } from "nostr-tools/pool";
import { getPublicKey } from "nostr-tools/pure";
import type { Client, Library } from "./client.ts";

export const nostrTools: Library = {
  name: "nostr-tools",
  connect: async (uri, secret) => {
    const pointer = await parseBunkerInput(uri);
    if (!pointer) throw new Error("the URI cannot be read");
    const pool = new SimplePool();
    const signer = BunkerSigner.fromBunker(secret, pointer, { pool });
    await signer.connect({ name: "an app", url: "https://app.example" });
    return clientOf(signer, pool);
  },
  invite: async (relay, secret) => {
    const pool = new SimplePool();
    const uri = createNostrConnectURI({
      clientPubkey: getPublicKey(secret),
      relays: [relay],
      secret: crypto.randomUUID(),
      name: "an app",
    });
    const signer = BunkerSigner.fromURI(secret, uri, { pool });
    return { uri, connected: signer.then((it) => clientOf(it, pool)) };
  },
};

const clientOf = (signer: BunkerSigner, pool: SimplePool): Client => ({
  getPublicKey: () => signer.getPublicKey(),
  signEvent: (draft) => signer.signEvent(draft),
  encrypt: (scheme, peer, text) =>
    scheme === "nip44" ? signer.nip44Encrypt(peer, text) : signer.nip04Encrypt(peer, text),
  decrypt: (scheme, peer, text) =>
    scheme === "nip44" ? signer.nip44Decrypt(peer, text) : signer.nip04Decrypt(peer, text),
  ping: () => signer.ping(),
  switchRelays: () => signer.switchRelays(),
  logout: () => signer.logout(),
  close: async () => {
    await signer.close();
    pool.destroy();
  },
});
