/**
 * The frames of Engine.IO 4 and, inside its messages, the packets of Socket.IO 5, as text; one frame is one packet.
 * Binary events have no meaning here, and there is no namespace but "/".
 */
import { decodePacket, type PacketType as EngineType, encodePacket } from "engine.io-parser";
import { Decoder, Encoder, PacketType, type Packet as SocketPacket } from "socket.io-parser";
import { MAX_MESSAGE_LENGTH } from "../../protocol/messages.ts";

export type Packet =
  /** Engine.IO. */
  | { type: "pong" | "probe" | "upgrade" | "close" }
  /** Socket.IO. */
  | { type: "connect"; namespace: string }
  | { type: "disconnect" }
  | { type: "event"; name: string; args: unknown[]; ack?: number };

export type Event = [name: string, ...args: unknown[]];

/** What a frame of a client says; undefined if it says nothing that can be understood. */
export function decode(frame: string | ArrayBuffer): Packet | undefined {
  if (typeof frame !== "string") return undefined;
  const { type, data }: { type: EngineType; data?: unknown } = decodePacket(frame);
  switch (type) {
    case "pong":
    case "upgrade":
    case "close":
      return { type };
    case "ping":
      return data === "probe" ? { type: "probe" } : undefined;
    case "message":
      return typeof data === "string" ? decodeMessage(data) : undefined;
    default:
      return undefined;
  }
}

function decodeMessage(text: string): Packet | undefined {
  const packet = parse(text);
  if (packet?.type === PacketType.CONNECT) return { type: "connect", namespace: packet.nsp };
  if (packet?.nsp !== "/") return undefined;
  if (packet.type === PacketType.DISCONNECT) return { type: "disconnect" };
  const [name, ...args]: unknown[] = packet.type === PacketType.EVENT ? (packet.data ?? []) : [];
  if (typeof name !== "string") return undefined;
  if (packet.id === undefined) return { type: "event", name, args };
  return Number.isSafeInteger(packet.id) ? { type: "event", name, args, ack: packet.id } : undefined;
}

/** Of a binary event only the announcement: its bytes would follow in frames of their own. */
function parse(text: string): SocketPacket | undefined {
  let parsed: SocketPacket | undefined;
  const decoder = new Decoder();
  decoder.on("decoded", (packet) => {
    parsed = packet;
  });
  try {
    decoder.add(text);
  } catch {
    return undefined;
  }
  return parsed;
}

/** Milliseconds between the server's pings, given for how long a connection may be silent: two thirds of it. */
export const pingInterval = (connectionTimeout: number): number => Math.floor((connectionTimeout * 2) / 3);

/**
 * The first packet: what the client may go on to, and what it is to expect. Its `sid` names nothing here: there is no
 * session before, or beside, the socket.
 *
 * @param connectionTimeout milliseconds
 */
export function openFrame(upgrades: string[], connectionTimeout: number): string {
  const interval = pingInterval(connectionTimeout);
  return engine(
    "open",
    JSON.stringify({
      sid: crypto.randomUUID(),
      upgrades,
      pingInterval: interval,
      pingTimeout: connectionTimeout - interval,
      maxPayload: MAX_MESSAGE_LENGTH,
    }),
  );
}

export const pingFrame = (): string => engine("ping");
export const probedFrame = (): string => engine("pong", "probe");
export const noopFrame = (): string => engine("noop");

export const connectedFrame = (sid: string): string => message({ type: PacketType.CONNECT, data: { sid } });
export const notConnectedFrame = (namespace: string, reason: string): string =>
  message({ type: PacketType.CONNECT_ERROR, nsp: namespace, data: { message: reason } });
export const disconnectFrame = (): string => message({ type: PacketType.DISCONNECT });
export const eventFrame = (event: Event): string => message({ type: PacketType.EVENT, data: event });
export const ackFrame = (id: number, ...args: unknown[]): string =>
  message({ type: PacketType.ACK, id, data: args });

const encoder = new Encoder();
const message = (packet: Omit<SocketPacket, "nsp"> & { nsp?: string }): string =>
  engine("message", encoder.encode({ nsp: "/", ...packet })[0]);

/** Text is encoded before the call returns. */
function engine(type: EngineType, data?: string): string {
  let frame = "";
  encodePacket(data === undefined ? { type } : { type, data }, false, (encoded: string) => {
    frame = encoded;
  });
  return frame;
}
