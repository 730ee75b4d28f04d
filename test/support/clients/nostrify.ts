import { BunkerURI, NConnectSigner, NRelay1, NSecSigner } from "@nostrify/nostrify";
import type { Library } from "./client.ts";

export const nostrify: Library = {
  name: "@nostrify/nostrify",
  connect: async (uri, secret) => {
    const { pubkey, relays, secret: token } = new BunkerURI(uri);
    const relay = new NRelay1(relays[0] ?? "");
    const signer = new NConnectSigner({ relay, pubkey, signer: new NSecSigner(secret), timeout: 10_000 });
    await signer.connect(token);
    return {
      getPublicKey: () => signer.getPublicKey(),
      signEvent: (draft) => signer.signEvent(draft),
      encrypt: (scheme, peer, text) => signer[scheme].encrypt(peer, text),
      decrypt: (scheme, peer, text) => signer[scheme].decrypt(peer, text),
      ping: () => signer.ping(),
      // Its promise may stay pending for ever.
      close: () => void relay.close(),
    };
  },
};
