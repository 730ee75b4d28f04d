import { once } from "node:events";
import { WebSocket } from "ws";
import type { ServerMessage } from "../../protocol/messages.ts";
import type { Edge } from "../support/edge.ts";

export type Options = { path?: string; headers?: Record<string, string> };

type Welcome = Extract<ServerMessage, { type: "welcome" }>;

const NO_WELCOME: Welcome = {
  type: "welcome",
  version: 1,
  challenge: "",
  heartbeatSeconds: 0,
  lobby: "",
  resumeSeconds: 0,
  reconnectJitterSeconds: 0,
};

/** One person at `/ws`, with everything that they were told, in order, but for the tokens. */
export class Client {
  readonly socket: WebSocket;
  /** How this one came. */
  readonly options: Options;
  welcome: Welcome = NO_WELCOME;
  /** The last that was given. */
  token = "";
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #inbox: string[] = [];
  readonly #awaiting: ((text: string | undefined) => void)[] = [];

  constructor(url: URL, options: Options) {
    this.options = options;
    this.socket = new WebSocket(url, { headers: options.headers ?? {} });
    // The runtime cannot close a socket that never sent a frame.
    this.socket.on("open", () => this.socket.send("ping"));
    this.socket.on("message", (data) => {
      const text = data.toString();
      if (text === "pong" || this.#tookToken(text)) return;
      const taker = this.#awaiting.shift();
      if (taker) taker(text);
      else this.#inbox.push(text);
    });
    this.closed = new Promise((resolve) => {
      this.socket.on("close", (code, reason) => {
        for (const taker of this.#awaiting) taker(undefined);
        resolve({ code, reason: reason.toString() });
      });
    });
    this.socket.on("error", () => {});
  }

  say(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** The next frame as it came. Throws if the connection ends first. */
  async nextText(): Promise<string> {
    const text = this.#inbox.shift() ?? (await this.#arrival());
    if (text === undefined) throw new Error("the connection is closed");
    return text;
  }

  async next(): Promise<ServerMessage> {
    return JSON.parse(await this.nextText());
  }

  /** The next message, which must be of this type. */
  async expect<T extends ServerMessage["type"]>(type: T): Promise<Extract<ServerMessage, { type: T }>> {
    const message = await this.next();
    if (!isOfType(message, type)) throw new Error(`expected ${type}, was told ${JSON.stringify(message)}`);
    return message;
  }

  /** Nothing was said to this person that the test has not read: an answer to a new question comes next. */
  async expectNothingMore(): Promise<void> {
    this.say({ type: "skip", matchId: "no such match" });
    const error = await this.expect("error");
    if (error.code !== "not-matched") throw new Error(`expected not-matched, was told ${error.code}`);
  }

  /** The connection breaks. */
  async drop(): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }

  async leave(): Promise<void> {
    this.socket.close();
    await this.closed;
  }

  /** Leaves neither a ticket nor a match behind, so that the next test does not meet this person. */
  async withdraw(): Promise<void> {
    if (this.socket.readyState !== WebSocket.OPEN) return this.socket.terminate();
    this.say({ type: "stop" });
    while ((await this.next()).type !== "stopped");
    await this.leave();
  }

  #tookToken(text: string): boolean {
    if (!text.startsWith('{"type":"session"')) return false;
    this.token = JSON.parse(text).token;
    return true;
  }

  #arrival(): Promise<string | undefined> {
    if (this.socket.readyState === WebSocket.CLOSED) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#awaiting.push(resolve));
  }
}

const isOfType = <T extends ServerMessage["type"]>(
  message: ServerMessage,
  type: T,
): message is Extract<ServerMessage, { type: T }> => message.type === type;

const met = new Set<Client>();

/** After each test: everybody goes. */
export async function withdrawAll(): Promise<void> {
  await Promise.all([...met].map((client) => client.withdraw()));
  met.clear();
}

/** Connects and reads the welcome. */
export async function join(edge: Edge, options: Options = {}): Promise<Client> {
  const client = knock(edge, options);
  await once(client.socket, "open");
  client.welcome = await client.expect("welcome");
  return client;
}

/** Comes back to the lobby with a token, by default the last that was given. Reads nothing but the welcome. */
export async function comeBack(edge: Edge, before: Client, token = before.token): Promise<Client> {
  const path = `/ws?v=1&lobby=${encodeURIComponent(before.welcome.lobby)}`;
  const client = await join(edge, { ...before.options, path });
  client.say({ type: "resume", token });
  return client;
}

/** Connects, whatever comes of it. */
export function knock(edge: Edge, options: Options = {}): Client {
  const { path = "/ws?v=1" } = options;
  const url = new URL(path, edge.url);
  url.protocol = "ws:";
  const client = new Client(url, options);
  met.add(client);
  return client;
}

/** Connects, and waits in the queue. */
export async function search(edge: Edge, options: Options = {}, wish: object = {}): Promise<Client> {
  const client = await join(edge, options);
  client.say({ type: "search", ...wish });
  await client.expect("waiting");
  return client;
}

export type Pair = { first: Client; second: Client; matchId: string };

/** Two who are matched; the first waited longer. */
export async function pair(edge: Edge, options?: Options): Promise<Pair> {
  const first = await search(edge, options);
  const second = await search(edge, options);
  const { matchId } = await first.expect("matched");
  await second.expect("matched");
  return { first, second, matchId };
}
