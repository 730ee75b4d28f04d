/**
 * The clients: requests that were signed beforehand are sent through one socket, either so many under way at a
 * time, or so many a second. Replies are counted by client; a sample of them is opened and verified afterwards.
 */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { WebSocket } from "ws";
import { NOSTR_CONNECT, type NostrEvent } from "../../protocol/nostr.ts";
import { serve } from "../program.ts";
import { quantile } from "../statistics.ts";
import { newPair, type Pair } from "./people.ts";
import { isRight } from "./replies.ts";

/** Milliseconds without any reply after which the rest is given up. */
const PATIENCE_MS = 60_000;
/** Requests that are signed at a time. */
const CHUNK = 500;
/** Replies of a run that are opened. */
const SAMPLE = 20;

export interface Order {
  count: number;
  /** Either: requests under way at a time. */
  window?: number;
  /** Or: requests a second, whatever becomes of them. */
  rate?: number;
}

export interface Answers {
  sent: number;
  answered: number;
  /** Replies to nothing that was asked, as when something is answered twice. */
  unexpected: number;
  /** From the first request to the last reply. */
  seconds: number;
  /** Milliseconds from when a request was due to its reply. */
  p50: number;
  p99: number;
  /** Milliseconds since 1970. */
  firstReplyAt: number;
  lastReplyAt: number;
}

interface Client {
  pair: Pair;
  /** When the requests without a reply were due, the oldest first. */
  due: number[];
}

let socket: WebSocket | undefined;
let clients: Client[] = [];
let byPubkey = new Map<string, Client>();
let onReply: (client: Client, event: NostrEvent) => void = () => {};

const thread = new Worker(new URL("signing-thread.ts", import.meta.url));
let who: number[] = [];
/** Requests are numbered; the clients take turns. */
let signed = 0;
let sent = 0;
const ready: string[][] = [];
/** Some of the last run's replies. */
let sample: { pair: Pair; event: NostrEvent }[] = [];

const sign = async (count: number): Promise<void> => {
  const from = signed;
  signed += count;
  thread.postMessage({ of: who, from, count });
  const [frames] = await once(thread, "message");
  ready.push(frames.reverse());
};

const sendNext = (due: number): void => {
  const frame = ready[0]?.pop();
  if (ready[0]?.length === 0) ready.shift();
  if (frame === undefined) throw new Error("nothing is signed in time");
  clients[sent++ % clients.length]?.due.push(due);
  socket?.send(frame);
};

const run = async ({ count, window, rate }: Order): Promise<Answers> => {
  const latencies: number[] = [];
  sample = [];
  const every = Math.ceil(count / SAMPLE);
  const last = sent + count;
  let unexpected = 0;
  let firstReplyAt = 0;
  const begun = performance.now();
  let heardAt = begun;

  const done = new Promise<void>((resolve) => {
    const patience = setInterval(() => performance.now() - heardAt > PATIENCE_MS && finish(), 100);
    const finish = () => {
      clearInterval(patience);
      onReply = () => {};
      resolve();
    };
    onReply = (client, event) => {
      heardAt = performance.now();
      firstReplyAt ||= Date.now();
      const due = client.due.shift();
      if (due === undefined) {
        unexpected++;
        return;
      }
      if (latencies.length % every === 0) sample.push({ pair: client.pair, event });
      latencies.push(heardAt - due);
      if (window !== undefined && sent < last) sendNext(heardAt);
      if (latencies.length === count) finish();
    };
  });
  if (window !== undefined) for (let i = 0; i < Math.min(window, count); i++) sendNext(begun);
  else await sendAtRate(begun, last, rate ?? Number.POSITIVE_INFINITY);
  await done;
  for (const client of clients) client.due = [];
  const sorted = Float64Array.from(latencies).sort();
  return {
    sent: count,
    answered: latencies.length,
    unexpected,
    seconds: (heardAt - begun) / 1000,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    firstReplyAt,
    lastReplyAt: performance.timeOrigin + heardAt,
  };
};

const sendAtRate = async (begun: number, last: number, rate: number): Promise<void> => {
  const first = sent;
  let signing: Promise<void> | undefined;
  while (sent < last) {
    const elapsed = (performance.now() - begun) / 1000;
    const due = Math.min(last, rate === Number.POSITIVE_INFINITY ? last : first + Math.floor(elapsed * rate));
    while (sent < due) sendNext(begun + ((sent - first) / rate) * 1000);
    // Of what takes long, the rest is signed on the way, some seconds ahead.
    if (!signing && signed < last && signed - sent < 5 * rate) {
      signing = sign(Math.min(CHUNK, last - signed)).finally(() => {
        signing = undefined;
      });
    }
    await sleep(1);
  }
};

const calls = {
  /** Connects the clients of these pairs to the relay. */
  open: async ({ relay, of }: { relay: string; of: number[] }) => {
    socket?.close();
    who = of;
    signed = sent = 0;
    ready.length = 0;
    clients = of.map((index) => ({ pair: newPair(index), due: [] }));
    byPubkey = new Map(clients.map((client) => [client.pair.client.pubkey, client]));
    socket = new WebSocket(new URL("/load", relay), { perMessageDeflate: false });
    await once(socket, "open");
    const confirmed = once(socket, "message");
    const since = Math.floor(Date.now() / 1000);
    socket.send(
      JSON.stringify(["REQ", "replies", { kinds: [NOSTR_CONNECT], "#p": [...byPubkey.keys()], since }]),
    );
    await confirmed;
    socket.on("message", (data: Buffer) => {
      if (data[2] !== 0x45 /* EVENT, as opposed to OK */) return;
      const [, , event] = JSON.parse(data.toString());
      const client = byPubkey.get(event.tags[0]?.[1]);
      if (client) onReply(client, event);
    });
  },
  /** Has so many requests signed before they are needed. */
  prepare: async (count: number) => {
    for (let left = count; left > 0; left -= CHUNK) await sign(Math.min(CHUNK, left));
  },
  run,
  /** How many of a sample of the last run's replies are not what was asked for. */
  wrong: () => sample.filter(({ pair, event }) => !isRight(pair, event)).length,
};
export type LoadCalls = typeof calls;
serve(calls);
