import { Nip46Broker } from "@welshman/signer";
import { hex } from "../bunker.ts";
import type { Client, Library } from "./client.ts";

export const welshman: Library = {
  name: "@welshman/signer",
  connect: async (uri, secret) => {
    const { relays, signerPubkey, connectSecret } = Nip46Broker.parseBunkerUrl(uri);
    const broker = new Nip46Broker({ relays, signerPubkey, connectSecret, clientSecret: hex(secret) });
    await broker.connect(connectSecret);
    return clientOf(broker);
  },
  invite: async (relay, secret) => {
    const broker = new Nip46Broker({ relays: [relay], clientSecret: hex(secret) });
    const uri = await broker.makeNostrconnectUrl({ name: "an app" });
    const connected = broker.waitForNostrconnect(uri, new AbortController().signal);
    return { uri, connected: connected.then(() => clientOf(broker)) };
  },
};

const clientOf = (broker: Nip46Broker): Client => ({
  getPublicKey: () => broker.getPublicKey(),
  signEvent: (draft) => broker.signEvent(draft),
  encrypt: (scheme, peer, text) =>
    scheme === "nip44" ? broker.nip44Encrypt(peer, text) : broker.nip04Encrypt(peer, text),
  decrypt: (scheme, peer, text) =>
    scheme === "nip44" ? broker.nip44Decrypt(peer, text) : broker.nip04Decrypt(peer, text),
  ping: () => broker.ping(),
  switchRelays: () => broker.switchRelays(),
  close: () => broker.cleanup(),
});
