/** What a relay keeps for one key. */
import type { NostrEvent } from "../../protocol/nostr.ts";
import type { Filter } from "../../worker/relay-answer.ts";
import { signed } from "./router.ts";

export const KEY = "ab".repeat(32);
export const FILTER: Filter = { kinds: [24_133], "#p": [KEY], since: 1_000 };

const EVENT = signed({ tags: [["p", KEY]] });

/** So many events; unless told otherwise, one a second from 2,000 on. */
export const kept = (count: number, at = (index: number) => 2_000 + index): NostrEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    ...EVENT,
    id: index.toString(16).padStart(64, "0"),
    created_at: at(index),
  }));
