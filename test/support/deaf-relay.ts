/**
 * A fake relay that confirms every subscription and takes every event, and yet does not deliver to some keys;
 * or, if told so, does neither. It verifies nothing and keeps nothing.
 */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { NostrEvent } from "../../protocol/nostr.ts";

export interface DeafRelay {
  url: string;
  port: number;
  /** Public keys (hex) that nothing is delivered to. */
  deafTo: Set<string>;
  /** Whether it says that it does not take events addressed to the signer; it delivers none of them then. */
  refuses: boolean;
  /** Whether it refuses every subscription. */
  closes: boolean;
  /** Whether it leaves subscriptions unanswered. */
  isMute: boolean;
  /** Of how many events by a key (hex) it says that there are too many at the moment. */
  limits: Map<string, number>;
  /** All events that it was sent. */
  events: NostrEvent[];
  /** The keys of every REQ. */
  requests: string[][];
  close(): Promise<void>;
}

/** @param port 0 is one that the operating system gives */
export const startDeafRelay = async (port = 0): Promise<DeafRelay> => {
  const server = new WebSocketServer({ host: "127.0.0.1", port });
  await once(server, "listening");
  const subscriptions = new Map<WebSocket, Map<string, string[]>>();

  const relay: DeafRelay = {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    port: (server.address() as AddressInfo).port,
    deafTo: new Set(),
    refuses: false,
    closes: false,
    isMute: false,
    limits: new Map(),
    events: [],
    requests: [],
    close: async () => {
      for (const socket of server.clients) socket.terminate();
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };

  const deliver = (event: NostrEvent) => {
    for (const [socket, own] of subscriptions) {
      for (const [id, pubkeys] of own) {
        const wanted = event.tags.some(
          ([name, value = ""]) => name === "p" && pubkeys.includes(value) && !relay.deafTo.has(value),
        );
        if (wanted) socket.send(JSON.stringify(["EVENT", id, event]));
      }
    }
  };

  server.on("connection", (socket) => {
    const own = new Map<string, string[]>();
    subscriptions.set(socket, own);
    socket.on("close", () => subscriptions.delete(socket));
    const say = (...message: unknown[]) => socket.send(JSON.stringify(message));
    socket.on("message", (data) => {
      const [type, first, ...filters] = JSON.parse(String(data));
      if (type === "REQ") {
        const pubkeys = filters.flatMap((filter: { "#p"?: string[] }) => filter["#p"] ?? []);
        relay.requests.push(pubkeys);
        if (relay.closes) return say("CLOSED", first, "blocked: not for you");
        own.set(first, pubkeys);
        if (!relay.isMute) say("EOSE", first);
      }
      if (type === "CLOSE") own.delete(first);
      if (type === "EVENT") {
        const left = relay.limits.get(first.pubkey) ?? 0;
        if (left > 0) {
          relay.limits.set(first.pubkey, left - 1);
          return say("OK", first.id, false, "rate-limited: too many events");
        }
        relay.events.push(first);
        say("OK", first.id, !relay.refuses, relay.refuses ? "blocked: not today" : "");
        if (!relay.refuses) deliver(first);
      }
    });
  });
  return relay;
};
