/** What relays have told of the replies of some keys to some clients: of each pair its own, each once, and not without end. */
import type { NostrEvent } from "../../protocol/nostr.ts";
import { bytesOf } from "../event-bytes.ts";

/** Of one pair: reading them takes some 20 ms. */
const MOST_REPLIES = 1_000;
const MOST_BYTES = 32_000_000;

/** Hex. */
interface Pair {
  pubkey: string;
  client: string;
}

export class Replies {
  /** Contents, by pair. */
  #told: Map<string, Set<string>>;
  #bytes = 0;

  constructor(pairs: readonly Pair[]) {
    this.#told = new Map(pairs.map((pair) => [nameOf(pair), new Set()]));
  }

  /** An event is unverified: only who has the key or is the client could have encrypted what is in it. */
  add(event: NostrEvent): void {
    const client = event.tags.find(([name]) => name === "p")?.[1] ?? "";
    const told = this.#told.get(nameOf({ pubkey: event.pubkey, client }));
    if (!told || told.has(event.content) || told.size === MOST_REPLIES || this.#bytes > MOST_BYTES) return;
    told.add(event.content);
    this.#bytes += bytesOf(event);
  }

  of(pair: Pair): string[] {
    return [...(this.#told.get(nameOf(pair)) ?? [])];
  }
}

const nameOf = ({ pubkey, client }: Pair): string => `${pubkey} ${client}`;
