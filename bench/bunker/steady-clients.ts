/**
 * Clients that ask one after the other, so many a second in all, whatever becomes of the workers: each request is known
 * by its id, and each reply is opened, so that it is seen which request it answers, and which is answered again.
 */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import * as nip44 from "nostr-tools/nip44";
import { WebSocket } from "ws";
import { NOSTR_CONNECT, type NostrEvent } from "../../protocol/nostr.ts";
import { serve } from "../program.ts";
import { quantile } from "../statistics.ts";
import { newPair, type Pair, signRequest } from "./people.ts";

/** Milliseconds after which an answer is late. */
const LATE_MS = 1_000;
/** Milliseconds that the last replies may take: as long as relays keep requests. */
const PATIENCE_MS = 60_000;
/** Milliseconds in which a second reply to the last requests would come. */
const AFTERMATH_MS = 2_000;

export interface Tale {
  /** What happened to the workers last before these requests were answered, or late; "" for all together. */
  event: string;
  sent: number;
  once: number;
  /** Of those that were answered. */
  late: number;
  never: number;
  /** Requests whose replies came more than once, and those that have several different replies. */
  twice: number;
  signedTwice: number;
  /** Requests that were answered with an error. */
  refused: number;
  /** A key's gap is the longest that a request to it waited for its answer, in milliseconds. */
  worstGap: number;
  p99Gap: number;
}

interface Request {
  key: number;
  sentAt: number;
  answeredAt: number;
  /** Ids of reply events, one for each time that one came. */
  replies: string[];
  isError: boolean;
}

let socket: WebSocket | undefined;
let pairs: Pair[] = [];
let byPubkey = new Map<string, Pair>();
const requests: Request[] = [];
const marks: { event: string; at: number }[] = [];
let asking: Promise<void> | undefined;
let stopped = false;
let open = 0;

const ask = async (rate: number): Promise<void> => {
  const begun = performance.now();
  while (!stopped) {
    const due = Math.floor(((performance.now() - begun) / 1_000) * rate);
    while (requests.length < due) {
      const key = requests.length % pairs.length;
      const pair = pairs[key];
      if (!pair) throw new Error("nobody is there to be asked");
      const frame = signRequest(pair, String(requests.length));
      requests.push({ key, sentAt: performance.now(), answeredAt: 0, replies: [], isError: false });
      open++;
      socket?.send(frame);
    }
    await sleep(2);
  }
};

const hear = (reply: NostrEvent): void => {
  const pair = byPubkey.get(reply.tags[0]?.[1] ?? "");
  if (!pair) return;
  const { id, error } = JSON.parse(nip44.decrypt(reply.content, pair.conversation()));
  const request = requests[Number(id)];
  if (!request) return;
  request.replies.push(reply.id);
  if (request.replies.length > 1) return;
  request.answeredAt = performance.now();
  request.isError = Boolean(error);
  open--;
};

const calls = {
  /** Connects the clients of the first so many pairs to the relay. */
  open: async ({ relay, keys }: { relay: string; keys: number }) => {
    pairs = Array.from({ length: keys }, (_, index) => newPair(index));
    byPubkey = new Map(pairs.map((pair) => [pair.client.pubkey, pair]));
    for (const { conversation } of pairs) conversation();
    socket = new WebSocket(new URL("/load", relay), { perMessageDeflate: false });
    await once(socket, "open");
    const confirmed = once(socket, "message");
    socket.send(JSON.stringify(["REQ", "replies", { kinds: [NOSTR_CONNECT], "#p": [...byPubkey.keys()] }]));
    await confirmed;
    socket.on("message", (data: Buffer) => {
      const [type, , event] = JSON.parse(data.toString());
      if (type === "EVENT") hear(event);
    });
  },
  /** Begins to ask, at so many requests a second. */
  start: (rate: number) => {
    asking = ask(rate);
  },
  /** Something happens to the workers now. */
  mark: (event: string) => {
    marks.push({ event, at: performance.now() });
  },
  /** Asks no more, and tells what became of everything: first of all together, and then by what happened. */
  stop: async (): Promise<Tale[]> => {
    stopped = true;
    await asking;
    const begun = performance.now();
    while (open > 0 && performance.now() - begun < PATIENCE_MS) await sleep(100);
    await sleep(AFTERMATH_MS);
    return [
      tale("", requests),
      ...marks.map((mark) =>
        tale(
          mark.event,
          requests.filter((request) => causeOf(request) === mark),
        ),
      ),
    ];
  },
};

/** What happened last before a request was answered, or was late. */
const causeOf = ({ sentAt, answeredAt, replies }: Request) =>
  marks.findLast(({ at }) => at <= Math.min(replies.length > 0 ? answeredAt : Infinity, sentAt + LATE_MS));

const tale = (event: string, those: readonly Request[]): Tale => {
  const answered = those.filter(({ replies }) => replies.length > 0);
  const gaps = new Map<number, number>();
  for (const { key, sentAt, answeredAt } of answered) {
    gaps.set(key, Math.max(gaps.get(key) ?? 0, answeredAt - sentAt));
  }
  const sorted = Float64Array.from(gaps.values()).sort();
  return {
    event,
    sent: those.length,
    once: those.filter(({ replies }) => replies.length === 1).length,
    late: answered.filter(({ sentAt, answeredAt }) => answeredAt - sentAt > LATE_MS).length,
    never: those.length - answered.length,
    twice: those.filter(({ replies }) => replies.length > 1).length,
    signedTwice: those.filter(({ replies }) => new Set(replies).size > 1).length,
    refused: those.filter(({ isError }) => isError).length,
    worstGap: sorted.at(-1) ?? Number.NaN,
    p99Gap: quantile(sorted, 0.99),
  };
};

export type SteadyCalls = typeof calls;
serve(calls);
