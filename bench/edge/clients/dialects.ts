/** How each kind of server is spoken to: what clients say as frames, and what frames say to clients. */
import type { Candidate, Signal } from "../../browser.ts";

export type Heard =
  | { what: "ready" }
  | { what: "matched"; matchId: string; makesOffer: boolean }
  /** `candidates` is empty with a description. */
  | { what: "signal"; matchId: string; candidates: Candidate[] }
  | { what: "refused"; why: string }
  /** Answered with this frame. */
  | { what: "question"; answer: string };

export interface Dialect {
  /** Path and query. */
  path: string;
  /** Whether the server knows candidates in batches. */
  batches: boolean;
  /** Said as soon as the connection is open. */
  hello: string[];
  search: string;
  skip(matchId: string): string;
  signal(matchId: string, signal: Signal): string;
  /** `undefined`: nothing that matters here. */
  read(frame: string): Heard | undefined;
}

/** The messages of `/ws`. */
const native: Dialect = {
  path: "/ws?v=1",
  batches: true,
  // workerd does not end connections whose clients never said anything.
  hello: ["ping"],
  search: JSON.stringify({ type: "search" }),
  skip: (matchId) => JSON.stringify({ type: "skip", matchId }),
  signal: (matchId, signal) => JSON.stringify({ type: "signal", matchId, ...signal }),
  read: (frame) => {
    if (frame === "pong") return undefined;
    const { type, matchId, role, candidates = [], code } = JSON.parse(frame);
    if (type === "signal") return { what: "signal", matchId, candidates };
    if (type === "matched") return { what: "matched", matchId, makesOffer: role === "impolite" };
    if (type === "welcome") return { what: "ready" };
    return type === "error" ? { what: "refused", why: code } : undefined;
  },
};

const event = (name: string, payload?: object): string =>
  `42${JSON.stringify(payload === undefined ? [name] : [name, payload])}`;

/** Socket.IO 5 over Engine.IO 4, in the events of Satoshigle's earlier clients, who send candidates one by one. */
const socketIo: Dialect = {
  path: "/socket.io/?EIO=4&transport=websocket",
  batches: false,
  hello: [],
  search: event("start-search"),
  skip: () => event("skip"),
  signal: (roomId, signal) =>
    event("signal", {
      roomId,
      ...("description" in signal ? signal : { candidate: signal.candidates[0] }),
    }),
  read: (frame) => {
    if (frame === "2") return { what: "question", answer: "3" };
    if (frame.startsWith("0")) return { what: "question", answer: "40" };
    if (frame.startsWith("40")) return { what: "ready" };
    if (!frame.startsWith("42")) return undefined;
    const [name, payload] = JSON.parse(frame.slice(2));
    if (name === "signal") {
      const { roomId: matchId, candidate } = payload;
      return { what: "signal", matchId, candidates: candidate ? [candidate] : [] };
    }
    if (name === "match-ready")
      return { what: "matched", matchId: payload.roomId, makesOffer: payload.isInitiator };
    return name === "connection-error" ? { what: "refused", why: payload.message } : undefined;
  },
};

/** The same with candidates in batches: where the server passes on whatever it is given. */
const socketIoInBatches: Dialect = {
  ...socketIo,
  batches: true,
  signal: (roomId, signal) => event("signal", { roomId, ...signal }),
  read: (frame) => {
    if (!frame.startsWith('42["signal"')) return socketIo.read(frame);
    const [, { roomId, candidates = [] }] = JSON.parse(frame.slice(2));
    return { what: "signal", matchId: roomId, candidates };
  },
};

export const DIALECTS = { native, socketIo, socketIoInBatches };
export type DialectName = keyof typeof DIALECTS;
