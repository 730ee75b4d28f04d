/**
 * What the edge does, as one would write it with Socket.IO: who waited longest is matched first, but not with the last
 * partner at once; a signal goes to the other side of one's own match; a skip and a drop are told. Nothing checks
 * shapes or rates, and nobody comes back to a match.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createClient } from "@redis/client";
import { createAdapter } from "@socket.io/redis-adapter";
import { Server, type Socket } from "socket.io";
import { serve } from "../../program.ts";

const http = createServer();
const io = new Server(http, { serveClient: false, transports: ["websocket"] });

type Match = { roomId: string; partner: Socket };
const waiting = new Set<Socket>();
const matches = new Map<Socket, Match>();
const lastPartners = new WeakMap<Socket, Socket>();
let serial = 0;

const search = (socket: Socket): void => {
  socket.emit("waiting-for-peer");
  const other = waiting.values().find((one) => lastPartners.get(one) !== socket);
  if (other) begin(other, socket);
  else waiting.add(socket);
};

const begin = (longer: Socket, shorter: Socket): void => {
  waiting.delete(longer);
  const roomId = `room-${++serial}`;
  for (const [socket, partner] of [
    [longer, shorter],
    [shorter, longer],
  ] as const) {
    matches.set(socket, { roomId, partner });
    lastPartners.set(socket, partner);
    void socket.join(roomId);
    socket.emit("match-ready", { roomId, isInitiator: socket === longer, peerId: partner.id });
  }
};

/** The other side, who is in no match now either. */
const part = (socket: Socket, event: string): Socket | undefined => {
  waiting.delete(socket);
  const match = matches.get(socket);
  if (!match) return undefined;
  for (const side of [socket, match.partner]) {
    matches.delete(side);
    void side.leave(match.roomId);
  }
  match.partner.emit(event);
  return match.partner;
};

io.on("connection", (socket) => {
  socket.on("start-search", () => {
    if (!matches.has(socket) && !waiting.has(socket)) search(socket);
  });
  socket.on("signal", (signal) => {
    const roomId = matches.get(socket)?.roomId;
    if (roomId !== undefined && signal?.roomId === roomId) socket.to(roomId).emit("signal", signal);
    else socket.emit("connection-error", { message: "not your match" });
  });
  socket.on("skip", () => {
    const partner = part(socket, "peer-skipped");
    if (!partner) return;
    search(partner);
    search(socket);
  });
  socket.on("stop-search", () => void part(socket, "peer-disconnected"));
  socket.on("disconnect", () => {
    const partner = part(socket, "peer-disconnected");
    if (partner) search(partner);
  });
});

const calls = {
  /** Where it listens. With the path of a Redis server's socket, rooms go through its adapter. */
  start: async (redis?: string): Promise<string> => {
    if (redis !== undefined) {
      const publisher = createClient({ socket: { path: redis, tls: false } });
      const subscriber = publisher.duplicate();
      await Promise.all([publisher.connect(), subscriber.connect()]);
      io.adapter(createAdapter(publisher, subscriber));
    }
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(http.address() as AddressInfo).port}/`;
  },
};
serve(calls);
