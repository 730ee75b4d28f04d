import type { NostrEvent } from "../protocol/nostr.ts";

/** What an event takes of memory, about: also one whose tags hold nothing but many empty texts. */
export const bytesOf = ({ content, tags }: NostrEvent): number =>
  tags.reduce(
    (sum, tag) => tag.reduce((bytes, text) => bytes + 16 + text.length, sum + 64),
    1_000 + content.length,
  );
