/** Ids and signatures of events (NIP-01), computed by the chosen backend. */
import { hash } from "node:crypto";
import { serializeEvent } from "nostr-tools/pure";
import type { NostrEvent } from "../../protocol/nostr.ts";
import { backend } from "./backend.ts";

export type EventTemplate = Pick<NostrEvent, "kind" | "content" | "tags" | "created_at">;

/** True when the id is that of the event, and the signature its author's. */
export const verifyEvent = (event: NostrEvent): boolean => {
  const id = idOf(event, event.pubkey);
  return (
    id.toString("hex") === event.id &&
    backend().verify(Buffer.from(event.sig, "hex"), id, Buffer.from(event.pubkey, "hex"))
  );
};

/** @param pubkey in hex, the secret's @throws {CryptoError} for a secret that is none */
export const signEvent = (template: EventTemplate, pubkey: string, secret: Uint8Array): NostrEvent => {
  const { kind, content, tags, created_at } = template;
  const id = idOf(template, pubkey);
  const sig = Buffer.from(backend().sign(id, secret)).toString("hex");
  return { id: id.toString("hex"), pubkey, created_at, kind, tags, content, sig };
};

const idOf = ({ kind, content, tags, created_at }: EventTemplate, pubkey: string): Buffer =>
  hash("sha256", serializeEvent({ pubkey, created_at, kind, tags, content }), "buffer");
