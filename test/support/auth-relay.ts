/**
 * A fake relay that wants to know who asks (NIP-42), for no relay from npm does. Connections to the path `/open`
 * are let in as they are, so that clients without a way to authenticate can be used with it.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { verifyEvent } from "nostr-tools/pure";
import { WebSocketServer } from "ws";
import { CLIENT_AUTH, type NostrEvent } from "../../protocol/nostr.ts";

/**
 * What needs authentication, and when that is asked for: everything, as soon as one connects; everything, when a
 * subscription is asked for; events only, when one is sent. `nobody` is let in by the last.
 */
export type Demand = "at once" | "to subscribe" | "to publish" | "nobody";

export interface AuthRelay {
  url: string;
  openUrl: string;
  /** The public keys that have authenticated themselves, and what was asked for in vain. */
  known: string[];
  refused: string[];
  close(): Promise<void>;
}

export const startAuthRelay = async (demand: Demand): Promise<AuthRelay> => {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const known: string[] = [];
  const refused: string[] = [];
  const deliveries = new Set<(event: NostrEvent) => void>();

  server.on("connection", (socket, { url: path }) => {
    const say = (...message: unknown[]) => socket.send(JSON.stringify(message));
    const challenge = randomUUID();
    const subscriptions = new Map<string, string[]>();
    let isKnown = path === "/open";
    const deliver = (event: NostrEvent) => {
      for (const [id, pubkeys] of subscriptions) {
        if (event.tags.some(([name, value = ""]) => name === "p" && pubkeys.includes(value))) {
          say("EVENT", id, event);
        }
      }
    };
    deliveries.add(deliver);
    socket.on("close", () => deliveries.delete(deliver));
    if (!isKnown && demand === "at once") say("AUTH", challenge);

    const authenticate = (event: NostrEvent) => {
      const tags = Object.fromEntries(event.tags);
      const isRight =
        event.kind === CLIENT_AUTH &&
        tags.challenge === challenge &&
        tags.relay === url &&
        verifyEvent(event);
      isKnown = isRight && demand !== "nobody";
      if (isKnown) known.push(event.pubkey);
      say("OK", event.id, isKnown, isKnown ? "" : "restricted: not for you");
    };

    socket.on("message", (data) => {
      const [type, first, ...filters] = JSON.parse(String(data));
      if (type === "AUTH") return authenticate(first);
      if (type === "CLOSE") return subscriptions.delete(first);
      const isRefused = !isKnown && (type === "EVENT" || demand !== "to publish");
      if (isRefused) {
        refused.push(type);
        if (type === "REQ") say("CLOSED", first, "auth-required: who asks?");
        else say("OK", first.id, false, "auth-required: who says so?");
        if (demand !== "at once") say("AUTH", challenge);
      } else if (type === "REQ") {
        subscriptions.set(
          first,
          filters.flatMap((filter: { "#p"?: string[] }) => filter["#p"] ?? []),
        );
        say("EOSE", first);
      } else if (type === "EVENT") {
        say("OK", first.id, true, "");
        for (const deliver of deliveries) deliver(first);
      }
    });
  });

  return {
    url,
    openUrl: `${url}/open`,
    known,
    refused,
    close: async () => {
      for (const socket of server.clients) socket.terminate();
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
};
