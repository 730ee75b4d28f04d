/**
 * What the earlier server did: an NDKNip46Backend for each key, on one NDK, that lets everyone do everything.
 * A backend that knows the relay's URL opens a socket of its own; here all publish through the one of NDK.
 */
import NDK, { NDKNip46Backend, NDKPrivateKeySigner, NDKRelaySet } from "@nostr-dev-kit/ndk";
import { serve } from "../program.ts";
import { newPair } from "./people.ts";

const calls = {
  /** Serves so many keys. */
  start: async ({ relay, keys }: { relay: string; keys: number }) => {
    const ndk = new NDK({ explicitRelayUrls: [relay] });
    await ndk.connect(5_000);
    const relays = NDKRelaySet.fromRelayUrls([relay], ndk);
    for (let index = 0; index < keys; index++) {
      const signer = new NDKPrivateKeySigner(newPair(index).signer.secret);
      const backend = new NDKNip46Backend(ndk, signer, async () => true, []);
      backend.rpc["relaySet"] = relays;
      await backend.start();
    }
  },
};
export type NdkCalls = typeof calls;
serve(calls);
