import { NostrConnectSigner, PrivateKeySigner } from "applesauce-signers";
import type { Filter } from "nostr-tools/filter";
import { SimplePool } from "nostr-tools/pool";
import type { NostrEvent } from "../../../protocol/nostr.ts";
import type { Client, Library } from "./client.ts";

export const applesauce: Library = {
  name: "applesauce-signers",
  connect: async (uri, secret) => {
    const carrier = carry();
    const signer = await NostrConnectSigner.fromBunkerURI(uri, {
      ...carrier.methods,
      signer: new PrivateKeySigner(secret),
    });
    return clientOf(signer, carrier.close);
  },
  invite: async (relay, secret) => {
    const carrier = carry();
    const signer = new NostrConnectSigner({
      ...carrier.methods,
      relays: [relay],
      signer: new PrivateKeySigner(secret),
    });
    const uri = signer.getNostrConnectURI({ name: "an app" });
    const connected = signer.waitForSigner();
    return { uri, connected: connected.then(() => clientOf(signer, carrier.close)) };
  },
};

/** It leaves the relays to its user: here to the pool of nostr-tools. */
const carry = () => {
  const pool = new SimplePool();
  return {
    methods: {
      subscriptionMethod: (relays: string[], [filter = {}]: Filter[]) =>
        new ReadableStream<NostrEvent>({
          start: (events) => {
            pool.subscribe(relays, filter, { onevent: (event) => events.enqueue(event) });
          },
        }),
      publishMethod: (relays: string[], event: NostrEvent) => Promise.any(pool.publish(relays, event)),
    },
    close: () => pool.destroy(),
  };
};

const clientOf = (signer: NostrConnectSigner, close: () => void): Client => ({
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
    close();
  },
});
