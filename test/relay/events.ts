import {
  type EventTemplate,
  finalizeEvent,
  generateSecretKey,
  getPublicKey,
  type NostrEvent,
} from "nostr-tools/pure";
import { NOSTR_CONNECT } from "../../protocol/nostr.ts";

export type Author = { secret: Uint8Array; pubkey: string };

export function author(): Author {
  const secret = generateSecretKey();
  return { secret, pubkey: getPublicKey(secret) };
}

export const now = (): number => Math.floor(Date.now() / 1_000);

/** As it is on the wire: without the mark that nostr-tools leaves on an event it has signed. */
export function sign({ secret }: Author, template: Partial<EventTemplate> = {}): NostrEvent {
  const event = finalizeEvent(
    { kind: 20_000, created_at: now(), tags: [], content: "", ...template },
    secret,
  );
  return JSON.parse(JSON.stringify(event));
}

/** A NIP-46 message: kind 24133 with one `p`. */
export const letter = (from: Author, to: string, template: Partial<EventTemplate> = {}): NostrEvent =>
  sign(from, { kind: NOSTR_CONNECT, tags: [["p", to]], content: crypto.randomUUID(), ...template });
