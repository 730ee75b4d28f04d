/** How clients find the signer by itself, where the operator wants that: NIP-05 and NIP-89, as NIP-46 uses them. */
import type { NostrEvent } from "../protocol/nostr.ts";
import { NOSTR_CONNECT } from "../protocol/nostr.ts";
import { KeyError, type Openers } from "./at-rest.ts";
import { openKey } from "./keys.ts";
import type { Logger } from "./log.ts";
import { hexOf } from "./npub.ts";
import type { Store } from "./store.ts";

/** NIP-89: what an application handles. */
const HANDLER_INFORMATION = 31990;

export interface Signer {
  /** A key of the table that speaks for the signer. */
  npub: string;
  name: string;
  /** Where the signer's domain serves `/.well-known/nostr.json`; without it, no domain is named. */
  url: string | undefined;
}

/** The document at `/.well-known/nostr.json` (NIP-05), with the relays on which the signer listens (NIP-46). */
export const nostrJson = (npub: string, relayUrls: string[]) => ({
  names: { _: hexOf(npub) },
  nip46: { relays: relayUrls },
});

/** Publishes who the signer is, once. What keeps it from that is logged, and keeps nothing else. */
export const announce = async (
  { npub, name, url }: Signer,
  relayUrls: string[],
  {
    store,
    openers,
    publish,
    log,
    now,
  }: {
    store: Store;
    openers: Openers;
    publish(event: NostrEvent): void;
    log: Logger;
    now(): number;
  },
): Promise<void> => {
  try {
    const secret = (await store.secrets([npub])).get(npub);
    if (!secret) throw new KeyError("the table has no such key, or no secret in its row");
    const key = await openKey(npub, secret, openers);
    try {
      publish(
        key.sign({
          kind: HANDLER_INFORMATION,
          created_at: Math.floor(now() / 1000),
          content: JSON.stringify({
            name,
            ...(url ? { website: url, nip05: `_@${new URL(url).host}` } : {}),
          }),
          tags: [
            ["d", "remote-signer"],
            ["k", String(NOSTR_CONNECT)],
            ...relayUrls.map((relay) => ["relay", relay]),
          ],
        }),
      );
    } finally {
      key.destroy();
    }
    log.info({ npub }, `announced the signer as ${npub}`);
  } catch (error) {
    const reason = error instanceof KeyError ? error.message : "the database does not answer";
    log.error({ npub, reason }, `the signer could not be announced: ${reason}`);
  }
};
