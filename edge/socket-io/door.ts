/** One connection of a Socket.IO client: frames on one side, messages of the protocol on the other. */
import { CloseCode } from "../../protocol/close-codes.ts";
import type { ServerMessage } from "../../protocol/messages.ts";
import type { Door, Said } from "../doors.ts";
import {
  ackFrame,
  connectedFrame,
  decode,
  disconnectFrame,
  eventFrame,
  notConnectedFrame,
  openFrame,
  type Packet,
  pingFrame,
  pingInterval,
  probedFrame,
} from "./packets.ts";
import { type Context, heard, NEWCOMER, told } from "./translate.ts";

/** Times are in milliseconds. */
export type SocketIoState = Context & {
  name: "socket.io";
  /** `probing`: it has begun by polling, and so has had its first packet and sent its CONNECT (polling.ts). */
  phase: "probing" | "open" | "connected";
  pingedAt: number;
  pongedAt: number;
};

export const arrival = (hasPolled: boolean, now: number): SocketIoState => ({
  ...NEWCOMER,
  name: "socket.io",
  phase: hasPolled ? "probing" : "open",
  pingedAt: now,
  pongedAt: now,
});

const UNEXPECTED: Said = { bad: "a packet that is not expected now" };

export class SocketIoDoor implements Door {
  /** These clients know nothing of tokens. */
  readonly canReturn = false;
  readonly #connectionTimeout: number;
  #state: SocketIoState;

  constructor(state: SocketIoState, connectionTimeout: number) {
    this.#state = state;
    this.#connectionTimeout = connectionTimeout;
  }

  get state(): SocketIoState {
    return this.#state;
  }

  get heardAt(): number {
    return this.#state.pongedAt;
  }

  read(frame: string, now: number): Said[] {
    const packet = decode(frame);
    return packet ? this.#answer(packet, now) : [UNEXPECTED];
  }

  write(text: string): string[] {
    const message: ServerMessage = JSON.parse(text);
    if (message.type === "welcome")
      return this.#state.phase === "open" ? [openFrame([], this.#connectionTimeout)] : [];
    const { events, context } = told(message, this.#state);
    this.#become(context);
    return this.#state.phase === "connected" ? events.map(eventFrame) : [];
  }

  /** Who is told to go does not come back by itself. */
  farewell(code: CloseCode): string[] {
    const isForGood = code >= CloseCode.unsupportedVersion;
    return isForGood && this.#state.phase === "connected" ? [disconnectFrame()] : [];
  }

  get pingDue(): number {
    return this.#state.pingedAt + pingInterval(this.#connectionTimeout);
  }

  ping(now: number): string[] {
    this.#become({ pingedAt: now });
    return [pingFrame()];
  }

  #answer(packet: Packet, now: number): Said[] {
    const { phase } = this.#state;
    switch (packet.type) {
      case "pong":
        this.#become({ pongedAt: now });
        return [];
      case "probe":
        return phase === "probing" ? [{ answer: probedFrame() }] : [UNEXPECTED];
      case "upgrade":
        return phase === "probing" ? this.#connect() : [UNEXPECTED];
      case "connect":
        if (packet.namespace !== "/")
          return [{ answer: notConnectedFrame(packet.namespace, "Invalid namespace") }];
        return phase === "open" ? this.#connect() : [UNEXPECTED];
      case "close":
        return [{ leaves: true }];
      case "disconnect":
        return phase === "connected" ? [{ leaves: true }] : [UNEXPECTED];
      case "event":
        return phase === "connected" ? this.#hear(packet) : [UNEXPECTED];
    }
  }

  #connect(): Said[] {
    this.#become({ phase: "connected" });
    return [{ answer: connectedFrame(crypto.randomUUID()) }];
  }

  #hear({ name, args, ack }: Extract<Packet, { type: "event" }>): Said[] {
    const result = heard(name, args, this.#state);
    const acknowledge = (answer: object): Said[] =>
      ack === undefined ? [] : [{ answer: ackFrame(ack, answer) }];
    if ("bad" in result) return [...acknowledge({ ok: false, message: "not an event" }), result];
    if ("error" in result) return [...acknowledge({ ok: false, message: result.error.message }), result];
    if ("message" in result) {
      const text = JSON.stringify(result.message);
      return [...acknowledge({ ok: true }), { value: result.message, text }];
    }
    this.#become(result.context);
    return [...acknowledge({ ok: true }), ...result.answers.map((event) => ({ answer: eventFrame(event) }))];
  }

  #become(change: Partial<SocketIoState>): void {
    this.#state = { ...this.#state, ...change };
  }
}
