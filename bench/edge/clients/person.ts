/** One client. */
import { once } from "node:events";
import { WebSocket } from "ws";
import type { Signal } from "../../browser.ts";
import type { Dialect, Heard } from "./dialects.ts";

export class Person {
  readonly #socket: WebSocket;
  readonly #dialect: Dialect;
  matchId = "";
  /** Hears what matters of what is said to this person. */
  onHeard: (heard: Heard) => void = () => {};

  private constructor(socket: WebSocket, dialect: Dialect) {
    this.#socket = socket;
    this.#dialect = dialect;
    socket.on("message", (data) => {
      const heard = dialect.read(data.toString());
      if (heard?.what === "matched") this.matchId = heard.matchId;
      if (heard?.what === "question") socket.send(heard.answer);
      else if (heard) this.onHeard(heard);
    });
    socket.on("error", () => {});
  }

  /** Connects, and waits for the server's welcome. */
  static async join(server: string, dialect: Dialect): Promise<Person> {
    const url = new URL(dialect.path, server);
    url.protocol = "ws:";
    const socket = new WebSocket(url, { perMessageDeflate: false });
    const person = new Person(socket, dialect);
    const ready = new Promise<void>((resolve, reject) => {
      person.onHeard = (heard) => heard.what === "ready" && resolve();
      socket.on("close", (code) => reject(new Error(`the server closed a connection: ${code}`)));
    });
    await once(socket, "open");
    for (const frame of dialect.hello) socket.send(frame);
    await ready;
    return person;
  }

  search(): void {
    this.#socket.send(this.#dialect.search);
  }

  skip(): void {
    this.#socket.send(this.#dialect.skip(this.matchId));
  }

  signal(signal: Signal): void {
    this.#socket.send(this.#dialect.signal(this.matchId, signal));
  }

  async leave(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    this.#socket.close();
    await once(this.#socket, "close");
  }
}
