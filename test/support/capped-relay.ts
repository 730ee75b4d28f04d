/**
 * A fake relay, for what no relay from npm does: it takes at most so many `#p` values in a subscription, and
 * so many subscriptions on a connection, and says so with CLOSED or only with NOTICE. It verifies nothing,
 * and keeps every event for later subscribers.
 */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { NostrEvent } from "../../protocol/nostr.ts";

export interface CappedRelay {
  url: string;
  /** Every REQ that was taken, as the number of its `#p` values, and every one refused. */
  taken: number[];
  refused: number[];
  connections(): number;
  /** Sockets that were ever opened. */
  opened(): number;
  close(): Promise<void>;
}

export const startCappedRelay = async (
  maxValues: number,
  refuseBy: "CLOSED" | "NOTICE" = "CLOSED",
  maxSubscriptions = Number.POSITIVE_INFINITY,
): Promise<CappedRelay> => {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const subscriptions = new Map<WebSocket, Map<string, Set<string>>>();
  const kept: NostrEvent[] = [];
  const taken: number[] = [];
  const refused: number[] = [];
  let opened = 0;

  server.on("connection", (socket) => {
    opened++;
    const own = new Map<string, Set<string>>();
    subscriptions.set(socket, own);
    socket.on("close", () => subscriptions.delete(socket));
    const say = (...message: unknown[]) => socket.send(JSON.stringify(message));
    socket.on("message", (data) => {
      const [type, first, ...filters] = JSON.parse(String(data));
      if (type === "REQ") {
        const values: string[] = filters.flatMap((filter: { "#p"?: string[] }) => filter["#p"] ?? []);
        own.delete(first);
        if (values.length > maxValues || own.size >= maxSubscriptions) {
          refused.push(values.length);
          const reason =
            values.length > maxValues
              ? `error: at most ${maxValues} tag values`
              : `error: at most ${maxSubscriptions} subscriptions`;
          return refuseBy === "CLOSED" ? say("CLOSED", first, reason) : say("NOTICE", reason);
        }
        taken.push(values.length);
        own.set(first, new Set(values));
        for (const event of kept) if (isFor(event, own.get(first))) say("EVENT", first, event);
        return say("EOSE", first);
      }
      if (type === "CLOSE") own.delete(first);
      if (type === "EVENT") {
        say("OK", first?.id ?? "", true, "");
        if (Array.isArray(first?.tags)) deliver(first);
      }
    });
  });

  const deliver = (event: NostrEvent) => {
    kept.push(event);
    for (const [socket, own] of subscriptions) {
      for (const [id, values] of own) {
        if (isFor(event, values)) socket.send(JSON.stringify(["EVENT", id, event]));
      }
    }
  };

  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken,
    refused,
    connections: () => subscriptions.size,
    opened: () => opened,
    close: async () => {
      for (const socket of server.clients) socket.terminate();
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
};

const isFor = ({ tags }: NostrEvent, values: ReadonlySet<string> = new Set()): boolean =>
  tags.some(([name, value = ""]) => name === "p" && values.has(value));
