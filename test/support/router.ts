/** A router in front of one bunker that a test plays, and requests for it as clients sign them. */
import { npubEncode } from "nostr-tools/nip19";
import { finalizeEvent, generateSecretKey } from "nostr-tools/pure";
import { pino } from "pino";
import type { NostrEvent } from "../../protocol/nostr.ts";
import type { Handled } from "../../worker/bunker.ts";
import { Router, type RouterOptions } from "../../worker/router.ts";

export const SECONDS = 1_700_000_000;
export const HERE = "aa".repeat(32);
const client = generateSecretKey();

/** A request as a client signs it, and as it looks after its way over the wire. */
export const signed = (
  more: Partial<{ kind: number; created_at: number; tags: string[][]; content: string }> = {},
) => {
  const template = { kind: 24_133, created_at: SECONDS, tags: [["p", HERE]], content: "hello", ...more };
  const { id, pubkey, created_at, kind, tags, content, sig } = finalizeEvent(template, client);
  return { id, pubkey, created_at, kind, tags, content, sig };
};

/** A request whose `created_at` is so many seconds after the router's now. */
export const later = (seconds: number) => signed({ created_at: SECONDS + seconds });

export const REQUEST = signed();
export const REPLY = signed({ content: "the reply" });

/** What a bunker that a test plays says of a request. */
export const ended = (kind: "answered" | "refused"): Handled => ({
  kind,
  reply: REPLY,
  what: {
    npub: npubEncode(HERE),
    client: REQUEST.pubkey,
    known: true,
    method: "ping",
    eventKind: null,
    eventId: null,
    outcome: kind === "answered" ? "ok" : "no",
    request: REQUEST.id,
  },
});

/** A router in front of one bunker; `handle` is what the bunker does with an event. */
export const createRouter = (
  handle: (event: NostrEvent) => Promise<Handled> = async () => ended("answered"),
  options: Partial<RouterOptions> = {},
) => {
  const handled: string[] = [];
  const published: NostrEvent[] = [];
  const router = new Router({
    bunkerOf: (pubkey) =>
      pubkey !== HERE
        ? undefined
        : (event) => {
            handled.push(event.id);
            return handle(event);
          },
    mayAnswer: () => true,
    publish: (event) => published.push(event),
    askAgain: () => {},
    log: pino({ level: "silent" }),
    now: () => SECONDS * 1_000,
    ...options,
  });
  /** Sends these, and waits until they are done with. */
  const pass = async (...events: unknown[]) => {
    for (const event of events) router.receive(event);
    await router.drain(10_000);
    return Object.fromEntries(Object.entries(router.counts).filter(([, count]) => count > 0));
  };
  return { router, handled, published, pass };
};
