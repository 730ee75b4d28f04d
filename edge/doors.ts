/** How a client puts what it says, and is told. The lobby knows the messages of the protocol only. */
import type { CloseCode } from "../protocol/close-codes.ts";
import type { ErrorCode } from "../protocol/messages.ts";
import { arrival, SocketIoDoor, type SocketIoState } from "./socket-io/door.ts";

export type Said =
  /** Something that may be a message, and the text in which it is handed on. */
  | { value: unknown; text: string }
  /** Nothing: what is wrong with it, which may quote it. */
  | { bad: string }
  /** Something that is refused. */
  | { error: { code: ErrorCode; message: string } }
  /** Something that is between the client and its door: the frame that answers it. */
  | { answer: string }
  /** Goodbye. */
  | { leaves: true };

/** One connection. Times are in milliseconds. */
export interface Door {
  /** What has to be known of the connection, as plain data: a change makes it another object. */
  readonly state: DoorState;
  /** Whether its client knows how to come back, here or in another lobby, to where it was. */
  readonly canReturn: boolean;
  /** When it has last shown a sign of life in a way of its own; 0 for never. */
  readonly heardAt: number;
  read(frame: string, now: number): Said[];
  /** The frames that tell a message, which is given as JSON. */
  write(text: string): string[];
  /** The frames that come before a close. */
  farewell(code: CloseCode): string[];
  /** When the client expects a ping; infinity for never. */
  readonly pingDue: number;
  ping(now: number): string[];
}

export type DoorState = { name: "native" } | SocketIoState;

/** A connection that comes in now: `?door=native`, or `?door=socket.io&polled=…`, whether it has begun by polling. */
export const arrive = (query: URLSearchParams, now: number): DoorState =>
  query.get("door") === "socket.io" ? arrival(query.get("polled") === "true", now) : native.state;

/** @param connectionTimeout for how long a client may be silent */
export const openDoor = (state: DoorState, connectionTimeout: number): Door =>
  state.name === "native" ? native : new SocketIoDoor(state, connectionTimeout);

/** `/ws`: a frame is a message. Its pings are the client's, and the runtime answers them. */
const native: Door = {
  state: { name: "native" },
  canReturn: true,
  heardAt: 0,
  read: (frame) => [{ value: parseJson(frame), text: frame }],
  write: (text) => [text],
  farewell: () => [],
  pingDue: Number.POSITIVE_INFINITY,
  ping: () => [],
};

/** `undefined`, which no JSON text stands for, if the text is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
