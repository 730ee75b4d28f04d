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

// One check for each value, not a pipe of several: nothing is looked at more often than what events consist of.
const hex = (digits: number) => {
  const pattern = new RegExp(`^[0-9a-f]{${digits}}$`);
  return v.custom<string>(
    (input) => typeof input === "string" && pattern.test(input),
    `must be ${digits} lower-case hex digits`,
  );
};
const integer = (most: number) =>
  v.custom<number>(
    (input) => typeof input === "number" && Number.isInteger(input) && input >= 0 && input <= most,
    `must be an integer from 0 to ${most}`,
  );
const isString = (input: unknown) => typeof input === "string";

export const Hex64 = hex(64);
const Hex128 = hex(128);
export const Kind = integer(65_535);
export const Seconds = integer(0xffff_ffff);
const MOST_TAGS = 2_000;
const Tags = v.custom<string[][]>(
  (input) =>
    Array.isArray(input) &&
    input.length <= MOST_TAGS &&
    input.every((tag) => Array.isArray(tag) && tag.length > 0 && tag.every(isString)),
  `must be ${MOST_TAGS} arrays of strings at most, none of them empty`,
);

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
