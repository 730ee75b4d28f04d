/**
 * A relay (NIP-01) that costs as little as can be: it verifies nothing, finds subscriptions by `#p` in a Map,
 * and passes events on as the bytes that came. Kind 24133 is kept for 60 s. What connects to `/load` is the
 * load, anything else the server under test.
 */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type WebSocket, WebSocketServer } from "ws";
import { NOSTR_CONNECT, type NostrEvent } from "../../protocol/nostr.ts";
import { serve } from "../program.ts";

const KEEP_MS = 60_000;

interface Subscription {
  socket: WebSocket;
  ofLoad: boolean;
  pubkeys: string[];
  /** What comes before an event in a frame of this subscription. */
  head: Buffer;
}
interface Kept {
  at: number;
  createdAt: number;
  pubkey: string;
  /** The event, and the bracket that ends the frame. */
  tail: Buffer;
}

const listeners = new Map<string, Set<Subscription>>();
const kept = new Map<string, Set<Kept>>();
const sockets = new Map<WebSocket, Map<string, Subscription>>();
const servers = new Set<WebSocket>();
/** Public keys that servers listen for, and who waits until they are so many. */
const heard = new Map<string, number>();
const waiting = new Set<() => void>();

/** REQs of servers so far, and the most subscriptions that one has had at a time. */
const traffic = { requests: 0, bytes: 0, subscriptions: 0 };

const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
await once(server, "listening");
const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;

server.on("connection", (socket, request) => {
  const ofLoad = request.url === "/load";
  const own = new Map<string, Subscription>();
  sockets.set(socket, own);
  if (!ofLoad) servers.add(socket);
  socket.on("error", () => {});
  socket.on("close", () => {
    for (const id of [...own.keys()]) unsubscribe(own, id);
    sockets.delete(socket);
    servers.delete(socket);
  });
  const say = (...message: unknown[]) => socket.send(JSON.stringify(message));
  socket.on("message", (data: Buffer) => {
    const [type, first, ...filters] = JSON.parse(data.toString());
    if (type === "EVENT") {
      take(first, data.subarray(data.indexOf("{")));
      say("OK", first.id, true, "");
    } else if (type === "REQ") {
      unsubscribe(own, first);
      if (!ofLoad) {
        traffic.requests++;
        traffic.bytes += data.length;
        traffic.subscriptions = Math.max(traffic.subscriptions, own.size + 1);
      }
      subscribe(own, first, {
        socket,
        ofLoad,
        pubkeys: filters.flatMap((filter: Filter) => filter["#p"] ?? []),
        head: Buffer.from(`["EVENT",${JSON.stringify(first)},`),
      });
      for (const filter of filters) deliverKept(own.get(first), filter);
      say("EOSE", first);
    } else if (type === "CLOSE") unsubscribe(own, first);
  });
});

const subscribe = (own: Map<string, Subscription>, id: string, subscription: Subscription): void => {
  own.set(id, subscription);
  for (const pubkey of subscription.pubkeys) {
    const those = listeners.get(pubkey) ?? new Set();
    listeners.set(pubkey, those.add(subscription));
    if (!subscription.ofLoad) heard.set(pubkey, (heard.get(pubkey) ?? 0) + 1);
  }
  for (const check of waiting) check();
};

const unsubscribe = (own: Map<string, Subscription>, id: string): void => {
  const subscription = own.get(id);
  own.delete(id);
  for (const pubkey of subscription?.pubkeys ?? []) {
    const those = listeners.get(pubkey);
    if (subscription) those?.delete(subscription);
    if (those?.size === 0) listeners.delete(pubkey);
    const times = (heard.get(pubkey) ?? 0) - 1;
    if (subscription?.ofLoad) continue;
    if (times > 0) heard.set(pubkey, times);
    else heard.delete(pubkey);
  }
};

const take = ({ kind, tags, created_at }: NostrEvent, tail: Buffer): void => {
  for (const [name, pubkey = ""] of tags) {
    if (name !== "p") continue;
    for (const { socket, head } of listeners.get(pubkey) ?? []) {
      socket.send(Buffer.concat([head, tail]), { binary: false });
    }
    if (kind !== NOSTR_CONNECT) continue;
    const those = kept.get(pubkey) ?? new Set();
    const entry = { at: Date.now(), createdAt: created_at, pubkey, tail };
    kept.set(pubkey, those.add(entry));
    queue.push(entry);
  }
};

interface Filter {
  "#p"?: string[];
  since?: number;
  limit?: number;
}

const deliverKept = (
  subscription: Subscription | undefined,
  { "#p": pubkeys = [], since = 0, limit = Number.POSITIVE_INFINITY }: Filter,
): void => {
  const found = pubkeys.flatMap((pubkey) =>
    [...(kept.get(pubkey) ?? [])].filter(
      ({ at, createdAt }) => createdAt >= since && Date.now() - at <= KEEP_MS,
    ),
  );
  const newest =
    found.length > limit ? found.sort((a, b) => b.createdAt - a.createdAt).slice(0, limit) : found;
  for (const { tail } of newest) {
    subscription?.socket.send(Buffer.concat([subscription.head, tail]), { binary: false });
  }
};

/** All that is kept, the oldest first. */
let queue: Kept[] = [];
setInterval(() => {
  const over = queue.findIndex(({ at }) => Date.now() - at <= KEEP_MS);
  const old = over < 0 ? queue : queue.slice(0, over);
  queue = over < 0 ? [] : queue.slice(over);
  for (const entry of old) {
    const those = kept.get(entry.pubkey);
    those?.delete(entry);
    if (those?.size === 0) kept.delete(entry.pubkey);
  }
}, 1_000);

const calls = {
  url: () => url,
  /** What the server under test has opened. */
  opened: () => ({
    sockets: servers.size,
    subscriptions: [...servers].reduce((sum, socket) => sum + (sockets.get(socket)?.size ?? 0), 0),
    keys: heard.size,
  }),
  traffic: () => traffic,
  /** When the server under test listens for so many keys: resolves with that time, in milliseconds since 1970. */
  heard: (keys: number): Promise<number> =>
    new Promise((resolve) => {
      const check = () => {
        if (heard.size < keys) return;
        waiting.delete(check);
        resolve(Date.now());
      };
      waiting.add(check);
      check();
    }),
  /** Forgets what is kept, once the last server under test is gone: the next one is asked nothing of it. */
  reset: async () => {
    while (servers.size > 0) await sleep(10);
    queue = [];
    kept.clear();
  },
};
export type RelayCalls = typeof calls;
serve(calls);
