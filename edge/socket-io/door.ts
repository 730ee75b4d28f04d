/**
 * One socket of the Socket.IO door: frames in and out, messages of the protocol on the other side. What it has to
 * remember is `state`, plain data, so that it outlives the lobby's memory.
 *
 * A client that begins by polling has sent its CONNECT that way (polling.ts): it is connected once it has gone on to
 * this socket.
 */
import { CloseCode } from "../../protocol/close-codes.ts";
import type { ClientMessage, ErrorCode, ServerMessage } from "../../protocol/messages.ts";
import {
  ackFrame,
  connectedFrame,
  decode,
  disconnectFrame,
  eventFrame,
  notConnectedFrame,
  openFrame,
  type Packet,
  probedFrame,
} from "./packets.ts";
import { type Context, heard, NEWCOMER, told } from "./translate.ts";

export type DoorState = Context & { phase: "probing" | "open" | "connected" };

/** `frames` go back to the client, before anything that follows from the rest. */
export type Reading = { frames: string[] } & (
  | { message?: ClientMessage }
  | { error: { code: ErrorCode; message: string } }
  /** The client goes for good. */
  | { leaves: true }
);

export class SocketIoDoor {
  #state: DoorState;

  constructor(state: DoorState) {
    this.#state = state;
  }

  /** @param hasPolled whether the client has begun by polling */
  static open(hasPolled: boolean): SocketIoDoor {
    return new SocketIoDoor({ ...NEWCOMER, phase: hasPolled ? "probing" : "open" });
  }

  /** What comes first on the socket. A client that has polled has had it. */
  greet(connectionTimeout: number): string[] {
    return this.#state.phase === "open" ? [openFrame([], connectionTimeout)] : [];
  }

  get state(): DoorState {
    return this.#state;
  }

  read(frame: string | ArrayBuffer): Reading {
    const packet = decode(frame);
    const reading = packet && this.#answer(packet);
    return (
      reading ?? { frames: [], error: { code: "bad-message", message: "not a packet that is expected now" } }
    );
  }

  /** The frames with which the client is told this. */
  write(message: ServerMessage): string[] {
    const { events, context } = told(message, this.#state);
    this.#state = { ...this.#state, ...context };
    return this.#state.phase === "connected" ? events.map(eventFrame) : [];
  }

  /** What comes before a close: a client that is told to go does not come back by itself. */
  farewell(code: CloseCode): string[] {
    return code >= CloseCode.unsupportedVersion && this.#state.phase === "connected"
      ? [disconnectFrame()]
      : [];
  }

  #answer(packet: Packet): Reading | undefined {
    const { phase } = this.#state;
    switch (packet.type) {
      case "pong":
        return { frames: [] };
      case "probe":
        return phase === "probing" ? { frames: [probedFrame()] } : undefined;
      case "upgrade":
        return phase === "probing" ? this.#connect() : undefined;
      case "connect":
        if (phase === "probing") return undefined;
        if (packet.namespace !== "/")
          return { frames: [notConnectedFrame(packet.namespace, "Invalid namespace")] };
        return phase === "open" ? this.#connect() : undefined;
      case "close":
        return { frames: [], leaves: true };
      case "disconnect":
        return phase === "connected" ? { frames: [], leaves: true } : undefined;
      case "event":
        return phase === "connected" ? this.#hear(packet) : undefined;
    }
  }

  #connect(): Reading {
    this.#state = { ...this.#state, phase: "connected" };
    return { frames: [connectedFrame(crypto.randomUUID())] };
  }

  #hear({ name, args, ack }: Extract<Packet, { type: "event" }>): Reading {
    const result = heard(name, args, this.#state);
    const acknowledge = (answer: object) => (ack === undefined ? [] : [ackFrame(ack, answer)]);
    if ("error" in result)
      return { frames: acknowledge({ ok: false, message: result.error.message }), error: result.error };
    const frames = acknowledge({ ok: true });
    if ("message" in result) return { frames, message: result.message };
    this.#state = { ...this.#state, ...result.context };
    return { frames: [...frames, ...result.answers.map(eventFrame)] };
  }
}
