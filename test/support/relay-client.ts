/** A Nostr client with no manners of its own: it sends what it is told, and hands out what it gets in order. */
import { once } from "node:events";
import { WebSocket } from "ws";
import type { Edge } from "./edge.ts";

export type RelayMessage = [type: string, ...rest: unknown[]];

export const relayUrl = ({ url }: Edge): string => `ws://${url.host}/relay`;

export class RelayClient {
  readonly #socket: WebSocket;
  readonly #received: RelayMessage[] = [];
  readonly #waiting: { resolve(message: RelayMessage): void; reject(error: Error): void }[] = [];
  #end: Error | undefined;
  /** The code and the reason with which the connection ended. */
  readonly closed: Promise<{ code: number; reason: string }>;

  /** @param address as if from there: nothing here overwrites the header, as Cloudflare does */
  static async open(edge: Edge, address?: string): Promise<RelayClient> {
    const headers = address === undefined ? {} : { "cf-connecting-ip": address };
    const client = new RelayClient(new WebSocket(relayUrl(edge), { headers }));
    // Who is turned away hears it here.
    client.closed.catch(() => {});
    await once(client.#socket, "open");
    return client;
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => {
      const text = String(data);
      this.#receive(text.startsWith("[") ? JSON.parse(text) : [text]);
    });
    this.closed = once(socket, "close").then(([code, reason]) => {
      this.#end = new Error(`the connection ended: ${code} ${reason}`);
      for (const { reject } of this.#waiting) reject(this.#end);
      return { code, reason: String(reason) };
    });
  }

  send(...message: unknown[]): void {
    this.sendRaw(JSON.stringify(message));
  }

  sendRaw(frame: string | Uint8Array): void {
    this.#socket.send(frame);
  }

  /** The next message that nobody has asked for yet. Fails when the connection ends before it comes. */
  next(): Promise<RelayMessage> {
    const message = this.#received.shift();
    if (message) return Promise.resolve(message);
    if (this.#end) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Skips messages until one that is wanted. */
  async until(wanted: (message: RelayMessage) => boolean): Promise<RelayMessage> {
    for (;;) {
      const message = await this.next();
      if (wanted(message)) return message;
    }
  }

  /** Subscribes and returns the stored events. Fails when the relay refuses. */
  async subscribe(id: string, ...filters: unknown[]): Promise<unknown[]> {
    this.send("REQ", id, ...filters);
    const stored: unknown[] = [];
    for (;;) {
      const [type, subscription, body] = await this.next();
      if (type === "EOSE" && subscription === id) return stored;
      if (type !== "EVENT" || subscription !== id)
        throw new Error(`${type}: ${String(body ?? subscription)}`);
      stored.push(body);
    }
  }

  /** Publishes and returns what the OK says: accepted or not, and the reason. */
  async publish(event: { id: string }): Promise<{ accepted: unknown; reason: unknown }> {
    this.send("EVENT", event);
    const [, , accepted, reason] = await this.until(([type, id]) => type === "OK" && id === event.id);
    return { accepted, reason };
  }

  /** Whatever was on its way is here after this: messages of one connection keep their order. */
  async received(): Promise<RelayMessage[]> {
    this.send("COUNT", "barrier", {});
    const before: RelayMessage[] = [];
    for (;;) {
      const message = await this.next();
      if (message[0] === "CLOSED" && message[1] === "barrier") return before;
      before.push(message);
    }
  }

  close(): void {
    this.#socket.close();
  }

  /** As when the power fails: no close frame. */
  terminate(): void {
    this.#socket.terminate();
  }

  #receive(message: RelayMessage): void {
    const waiting = this.#waiting.shift();
    if (waiting) waiting.resolve(message);
    else this.#received.push(message);
  }
}
