import { io as io48 } from "socket.io-client";
import { io as io40 } from "socket.io-client-4.0";
import { io as io44 } from "socket.io-client-4.4";
import type { Edge } from "../support/edge.ts";

/** What these tests use of a client; its types differ from version to version. */
type Socket = {
  id?: string | undefined;
  connected: boolean;
  emit(name: string, ...args: unknown[]): unknown;
  on(name: string, listener: (...args: never[]) => void): unknown;
  onAny(listener: (name: string, ...args: unknown[]) => void): unknown;
  disconnect(): unknown;
  io: {
    once(name: "ping", listener: () => void): unknown;
    engine: { close(): unknown; transport: { name: string } };
  };
};
type Io = (url: string, options: object) => Socket;

export const VERSIONS = { "4.0": io40 as Io, "4.4": io44 as Io, "4.8": io48 as Io };
export type Version = keyof typeof VERSIONS;

export type Options = { version?: Version; transports?: string[]; headers?: Record<string, string> };

type Event = [name: string, ...args: unknown[]];

/** One person who uses Socket.IO, with every event that they were told, in order. */
export class Player {
  readonly socket: Socket;
  readonly #inbox: Event[] = [];
  readonly #awaiting: ((event: Event) => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.onAny((...event) => this.#take(event));
    socket.on("disconnect", (reason: string) => this.#take(["disconnect", reason]));
  }

  emit(name: string, ...args: unknown[]): void {
    this.socket.emit(name, ...args);
  }

  /** Asks for an acknowledgement. */
  ask(name: string, ...args: unknown[]): Promise<unknown> {
    return new Promise((resolve) => this.socket.emit(name, ...args, resolve));
  }

  next(): Promise<Event> {
    const event = this.#inbox.shift();
    return event ? Promise.resolve(event) : new Promise((resolve) => this.#awaiting.push(resolve));
  }

  /** Nothing was said to this person that the test has not read: an answer to a new question comes next. */
  async expectNothingMore(): Promise<void> {
    this.emit("typing-start", { roomId: "no such room" });
    const [name, problem] = await this.next();
    if (name !== "connection-error") throw new Error(`was told ${name} ${JSON.stringify(problem)}`);
  }

  #take(event: Event): void {
    const taker = this.#awaiting.shift();
    if (taker) taker(event);
    else this.#inbox.push(event);
  }
}

const players = new Set<Player>();

/** Connects; rejects with what the server or the transport says against it. */
export async function play(edge: Edge, options: Options = {}): Promise<Player> {
  const { version = "4.8", transports = ["websocket"], headers = {} } = options;
  const socket = VERSIONS[version](edge.url.href, {
    transports,
    forceNew: true,
    reconnection: false,
    extraHeaders: headers,
  });
  const player = new Player(socket);
  players.add(player);
  await new Promise<void>((resolve, reject) => {
    socket.on("connect", resolve);
    socket.on("connect_error", reject);
  });
  return player;
}

/** After each test: everybody goes. */
export function endAll(): void {
  for (const { socket } of players) socket.disconnect();
  players.clear();
}
