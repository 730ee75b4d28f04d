/** One connection at one of the doors, where everything that it is told is looked at. */
import { WebSocket } from "ws";
import { HEARTBEAT } from "../../../protocol/messages.ts";
import { type DoorName, type Frame, MATCH } from "./frames.ts";
import { type Told, type Witness, witnessAt } from "./witness.ts";

export type Ways = {
  url: URL;
  door: DoorName;
  /** The IP address that it comes from. */
  address: string;
  /** As a Socket.IO client that has begun by polling. */
  hasPolled?: boolean;
  onTold?(told: Told): void;
  /** It was told what it could not expect. */
  onFlaw(what: string): void;
};

const PATHS = { native: "/ws?v=1", "socket.io": "/socket.io/?EIO=4&transport=websocket" };

export class Visitor {
  /** How it ended. */
  readonly closed: Promise<{ code: number; reason: string }>;
  /** Whether it was let in. */
  readonly opened: Promise<boolean>;
  readonly #socket: WebSocket;
  readonly #door: DoorName;
  readonly #witness: Witness;

  constructor({ url, door, address, hasPolled = false, onTold, onFlaw }: Ways) {
    const target = new URL(`${PATHS[door]}${hasPolled ? "&sid=x" : ""}`, url);
    this.#door = door;
    this.#witness = witnessAt(door);
    this.#socket = new WebSocket(target.href.replace("http", "ws"), {
      headers: { "cf-connecting-ip": address },
    });
    this.#socket.on("message", (data, isBinary) => {
      try {
        if (isBinary) throw new Error("a binary frame");
        this.#take(this.#witness.take(data.toString()), onTold);
      } catch (error) {
        onFlaw(`${door}: ${String(error)}: ${data.toString().slice(0, 500)}`);
      }
    });
    this.#socket.on("error", () => {});
    this.closed = new Promise((resolve) => {
      this.#socket.on("close", (code, reason) => {
        resolve({ code, reason: reason.toString() });
      });
    });
    const open = new Promise<boolean>((resolve) => this.#socket.on("open", () => resolve(true)));
    this.opened = Promise.race([open, this.closed.then(() => false)]);
    const hello = { native: [], "socket.io": hasPolled ? ["2probe", "5"] : ["40"] }[door];
    this.#socket.on("open", () => {
      for (const frame of hello) this.send(frame);
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  get matchId(): string | undefined {
    return this.#witness.matchId;
  }

  send(frame: Frame): void {
    if (!this.isOpen) return;
    if (typeof frame === "string") this.#socket.send(frame);
    else this.#socket.send(frame.bytes, { binary: frame.binary });
  }

  /** A message of the protocol, by whichever door. */
  say(what: "search" | "skip" | { candidate: string }): void {
    const matchId = this.matchId ?? MATCH;
    const message =
      typeof what === "string"
        ? { type: what, ...(what === "skip" ? { matchId } : {}) }
        : { type: "signal", matchId, candidates: [what] };
    const event =
      typeof what === "string"
        ? [what === "search" ? "start-search" : what]
        : ["signal", { roomId: matchId, ...{ candidate: what } }];
    this.send(this.#door === "native" ? JSON.stringify(message) : `42${JSON.stringify(event)}`);
  }

  /** As native clients are asked to; those of Socket.IO answer the server's. */
  ping(): void {
    if (this.#door === "native") this.send(HEARTBEAT.request);
  }

  /** Says goodbye, or just goes. */
  leave(isRude = false): void {
    if (isRude) this.#socket.terminate();
    else this.#socket.close(1000);
  }

  #take(told: Told, onTold: Ways["onTold"]): void {
    if (told.what === "ping") this.send(told.answer);
    else onTold?.(told);
  }
}
