/** Looks at everything that somebody is told, as their client would, and says what of it no client could expect. */
import { decodePacket } from "engine.io-parser";
import { Decoder, PacketType, type Packet as SocketPacket } from "socket.io-parser";
import * as v from "valibot";
import { HEARTBEAT, ServerMessage } from "../../../protocol/messages.ts";
import type { DoorName } from "./frames.ts";
import { roomOf, ServerEvent } from "./server-events.ts";

export type Told =
  | { what: "waiting" | "stopped" | "other" }
  | { what: "matched" | "ended"; matchId?: string }
  /** From the other side of the match; `candidate`: the first of a signal that has any. */
  | { what: "passed"; candidate?: string | undefined }
  | { what: "refused"; why: string }
  | { what: "token"; token: string }
  | { what: "challenge"; challenge: string }
  /** Wants this answer. */
  | { what: "ping"; answer: string };

export interface Witness {
  /** The match that the client is in, as far as it was told. */
  readonly matchId: string | undefined;
  /** Throws if this cannot be told to the client, or not now. */
  take(frame: string): Told;
}

export const witnessAt = (door: DoorName): Witness =>
  door === "native" ? new NativeWitness() : new SocketIoWitness();

class NativeWitness implements Witness {
  matchId: string | undefined;

  take(frame: string): Told {
    if (frame === HEARTBEAT.response) return { what: "other" };
    const message = v.parse(ServerMessage, JSON.parse(frame));
    switch (message.type) {
      case "matched":
        this.matchId = message.matchId;
        return { what: "matched", matchId: message.matchId };
      case "resumed":
        this.matchId = message.match?.matchId;
        return { what: "other" };
      case "waiting":
      case "stopped":
        this.matchId = undefined;
        return { what: message.type };
      case "ended":
        expectMatch(message.matchId, this.matchId);
        this.matchId = undefined;
        return { what: "ended" };
      case "signal":
      case "chat":
      case "typing":
      case "app":
        expectMatch(message.matchId, this.matchId);
        return { what: "passed", candidate: "candidates" in message ? first(message.candidates) : undefined };
      case "peer":
      case "peer-reconnecting":
      case "peer-resumed":
        expectMatch(message.matchId, this.matchId);
        return { what: "other" };
      case "welcome":
        return { what: "challenge", challenge: message.challenge };
      case "session":
        return { what: "token", token: message.token };
      case "error":
        return { what: "refused", why: message.code };
      default:
        return { what: "other" };
    }
  }
}

class SocketIoWitness implements Witness {
  matchId: string | undefined;

  take(frame: string): Told {
    const { type, data }: { type: string; data?: unknown } = decodePacket(frame);
    if (type === "ping") return { what: "ping", answer: "3" };
    if (type === "message") return this.#hear(decode(String(data)));
    if (type !== "open" && type !== "pong") throw new Error(`a packet of type ${type}`);
    return { what: "other" };
  }

  #hear({ type, data }: SocketPacket): Told {
    if (type === PacketType.EVENT) return this.#told(v.parse(ServerEvent, data));
    if (type === PacketType.ACK) v.parse(Acknowledgement, data);
    return { what: "other" };
  }

  #told(event: ServerEvent): Told {
    const room = roomOf(event);
    switch (event[0]) {
      case "match-ready":
        this.matchId = room;
        return { what: "matched", matchId: event[1].roomId };
      case "waiting-for-peer":
        this.matchId = undefined;
        return { what: "waiting" };
      case "peer-skipped":
      case "peer-disconnected":
        this.matchId = undefined;
        return { what: "ended" };
      case "connection-error":
        return { what: "refused", why: event[1].message.replace(/:.*/s, "") };
      case "debug-info":
      case "chat-joined":
      case "chat-user-left":
      case "game-room-joined":
        return { what: "other" };
      default:
        if (room !== undefined) expectMatch(room, this.matchId);
        return {
          what: "passed",
          candidate: "candidate" in event[1] ? first([event[1].candidate]) : undefined,
        };
    }
  }
}

const Acknowledgement = v.strictTuple([
  v.union([
    v.strictObject({ ok: v.literal(true) }),
    v.strictObject({ ok: v.literal(false), message: v.string() }),
  ]),
]);

function decode(text: string): SocketPacket {
  const packets: SocketPacket[] = [];
  const decoder = new Decoder();
  decoder.on("decoded", (packet) => packets.push(packet));
  decoder.add(text);
  const [packet] = packets;
  if (!packet) throw new Error("a packet that is not complete");
  return packet;
}

const first = (candidates: { candidate?: string | undefined }[] | undefined): string | undefined =>
  candidates?.[0]?.candidate;

/** The client may have left the match by itself; but it is told of no other. */
function expectMatch(told: string, known: string | undefined): void {
  if (told !== known) throw new Error(`told of match ${told} while in ${known ?? "none"}`);
}
