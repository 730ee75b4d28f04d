/** What the edge answers a page over plain HTTP, as JSON. */
import * as v from "valibot";

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Relays = v.array(v.string());

/** `GET /presence`: how many people are here, and how many of them wait, everywhere; a few seconds old at most. */
export const Presence = v.object({ online: Count, waiting: Count });
export type Presence = v.InferOutput<typeof Presence>;

/** `GET /page-settings`: what a page offers depends on the operator. Relays are `wss://` or `ws://` addresses. */
export const PageSettings = v.object({
  /** A TURN server is there, through which a call shows neither side the other's address. */
  hidesAddress: v.boolean(),
  /** Where a signer that a person connects to the page is listened for (NIP-46, `nostrconnect://`). */
  relays: Relays,
  /** Where names and pictures are read (NIP-01, kind 0). */
  profileRelays: Relays,
});
export type PageSettings = v.InferOutput<typeof PageSettings>;
