/**
 * The part of Nostr's wire that both programs speak: events and filters (NIP-01) and the kinds used here.
 * Shapes only: whether an id or a signature is right is checked by whoever receives the event.
 */
import * as v from "valibot";

/** NIP-46 request or reply. */
export const NOSTR_CONNECT = 24133;

/** NIP-42 authentication, used by relays and by the edge's own challenge. */
export const CLIENT_AUTH = 22242;

/** NIP-01: an ephemeral event is delivered to who listens, and not kept. */
export const isEphemeral = (kind: number): boolean => kind >= 20_000 && kind < 30_000;

export const Hex64 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hex digits"));
const Hex128 = v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/, "must be 128 lower-case hex digits"));
export const Kind = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535));
export const Seconds = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff));
const Tag = v.pipe(v.array(v.string()), v.minLength(1));
const Tags = v.pipe(v.array(Tag), v.maxLength(2_000));

/** An event as NIP-01 gives it. `created_at` is in seconds. */
export const NostrEvent = v.strictObject({
  id: Hex64,
  pubkey: Hex64,
  created_at: Seconds,
  kind: Kind,
  tags: Tags,
  content: v.string(),
  sig: Hex128,
});
export type NostrEvent = v.InferOutput<typeof NostrEvent>;

/** What a NIP-46 client asks a signer to sign: an event without id and signature; the author may be left out. */
export const UnsignedEvent = v.object({
  kind: Kind,
  content: v.string(),
  tags: v.optional(Tags, []),
  created_at: v.optional(Seconds),
  pubkey: v.optional(Hex64),
});
export type UnsignedEvent = v.InferOutput<typeof UnsignedEvent>;
