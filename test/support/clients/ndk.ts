import NDK, { NDKEvent, NDKNip46Signer, NDKPrivateKeySigner, NDKUser } from "@nostr-dev-kit/ndk";
import { hex } from "../bunker.ts";
import type { Client, Library } from "./client.ts";

export const ndk: Library = {
  name: "@nostr-dev-kit/ndk",
  connect: async (uri, secret) => {
    const instance = new NDK();
    const signer = NDKNip46Signer.bunker(instance, uri, new NDKPrivateKeySigner(hex(secret)));
    await signer.blockUntilReady();
    return clientOf(signer, instance);
  },
  invite: async (relay, secret) => {
    const instance = new NDK();
    const local = new NDKPrivateKeySigner(hex(secret));
    const signer = NDKNip46Signer.nostrconnect(instance, relay, local, { name: "an app" });
    const connected = signer.blockUntilReady();
    return {
      uri: signer.nostrConnectUri ?? "",
      connected: connected.then(() => clientOf(signer, instance)),
    };
  },
};

const clientOf = (signer: NDKNip46Signer, instance: NDK): Client => ({
  getPublicKey: () => signer.getPublicKey(),
  signEvent: async (draft) => {
    const event = new NDKEvent(instance, draft);
    await event.sign(signer);
    const { id = "", pubkey, created_at, kind = 0, tags, content, sig = "" } = event.rawEvent();
    return { id, pubkey, created_at, kind, tags, content, sig };
  },
  encrypt: (scheme, pubkey, text) => signer.encrypt(new NDKUser({ pubkey }), text, scheme),
  decrypt: (scheme, pubkey, text) => signer.decrypt(new NDKUser({ pubkey }), text, scheme),
  // It asks by itself as it connects, and takes no answer in five seconds for one.
  switchRelays: () =>
    new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(4_000);
      signal.addEventListener("abort", () => reject(signal.reason));
      void signer["switchRelays"]().then(resolve);
    }),
  close: () => {
    signer.stop();
    for (const relay of signer.rpc["pool"]?.relays.values() ?? []) relay.disconnect();
  },
});
