/**
 * As little as can be on `ws` alone, in the messages of `/ws`: who waited longest is matched first, but not with the
 * last partner at once; a signal goes to the other side as it came. Nothing checks shapes or rates, and nobody comes
 * back to a match.
 */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { serve } from "../../program.ts";

type Match = { matchId: string; partner: WebSocket };
const waiting = new Set<WebSocket>();
const matches = new Map<WebSocket, Match>();
const lastPartners = new WeakMap<WebSocket, WebSocket>();
let serial = 0;

const tell = (socket: WebSocket, message: object): void => socket.send(JSON.stringify(message));

const search = (socket: WebSocket): void => {
  tell(socket, { type: "waiting" });
  const other = waiting.values().find((one) => lastPartners.get(one) !== socket);
  if (other) begin(other, socket);
  else waiting.add(socket);
};

const begin = (longer: WebSocket, shorter: WebSocket): void => {
  waiting.delete(longer);
  const matchId = `match-${++serial}`;
  for (const [socket, partner, role] of [
    [longer, shorter, "impolite"],
    [shorter, longer, "polite"],
  ] as const) {
    matches.set(socket, { matchId, partner });
    lastPartners.set(socket, partner);
    tell(socket, { type: "matched", matchId, role });
  }
};

/** The other side, who is in no match now either. */
const part = (socket: WebSocket, reason: string): WebSocket | undefined => {
  waiting.delete(socket);
  const match = matches.get(socket);
  if (!match) return undefined;
  matches.delete(socket);
  matches.delete(match.partner);
  tell(match.partner, { type: "ended", matchId: match.matchId, reason });
  return match.partner;
};

const hear = (socket: WebSocket, text: string): void => {
  if (text === "ping") {
    socket.send("pong");
    return;
  }
  const { type, matchId } = JSON.parse(text);
  const match = matches.get(socket);
  if (type === "search") {
    if (!match && !waiting.has(socket)) search(socket);
  } else if (type === "stop") part(socket, "stopped");
  else if (!match || matchId !== match.matchId) tell(socket, { type: "error", code: "not-matched" });
  else if (type === "signal") match.partner.send(text);
  else if (type === "skip") {
    part(socket, "skipped");
    search(match.partner);
    search(socket);
  }
};

const calls = {
  /** Where it listens. */
  start: async (): Promise<string> => {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    server.on("connection", (socket) => {
      socket.on("message", (data) => hear(socket, data.toString()));
      socket.on("close", () => {
        const partner = part(socket, "left");
        if (partner) search(partner);
      });
      tell(socket, { type: "welcome" });
    });
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  },
};
serve(calls);
