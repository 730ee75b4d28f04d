import type { NostrRemoteSignerClient } from "snstr";
import type { Library } from "./client.ts";

// It puts a WebSocket of its own in the place of everybody's, in which not every other library can live.
const platform = globalThis.WebSocket;
const { NostrRemoteSignerClient: RemoteSigner } = await import("snstr");
globalThis.WebSocket = platform;

/** It makes its key itself, and keeps it only within the object: the same secret gets the same object. */
const bySecret = new WeakMap<Uint8Array, NostrRemoteSignerClient>();

export const snstr: Library = {
  name: "snstr",
  connect: async (uri, secret) => {
    const client = bySecret.get(secret) ?? new RemoteSigner({ timeout: 10_000 });
    bySecret.set(secret, client);
    await client.connect(uri);
    return {
      getPublicKey: () => client.getUserPublicKey(),
      signEvent: (draft) => client.signEvent(draft),
      encrypt: (scheme, peer, text) =>
        scheme === "nip44" ? client.nip44Encrypt(peer, text) : client.nip04Encrypt(peer, text),
      decrypt: (scheme, peer, text) =>
        scheme === "nip44" ? client.nip44Decrypt(peer, text) : client.nip04Decrypt(peer, text),
      ping: () => client.ping(),
      close: () => client.disconnect(),
    };
  },
};
