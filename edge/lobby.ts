import { DurableObject } from "cloudflare:workers";
import { CloseCode } from "../protocol/close-codes.ts";
import { HEARTBEAT, PROTOCOL_VERSION, type ServerMessage } from "../protocol/messages.ts";
import { Conduct } from "./conduct.ts";
import type { Person } from "./person.ts";
import { Room } from "./room.ts";
import type { Load, LobbyCalls, Measures, Name } from "./rpc.ts";
import { readSettings } from "./settings.ts";
import { Tally } from "./tally.ts";

/**
 * A matchmaking room and a signaling hub, over hibernating sockets: the room decides, this object holds its sockets.
 * Each socket is tagged with its person's id and carries the person as its attachment; the constructor reads them all.
 */
export class Lobby extends DurableObject<Env> implements LobbyCalls {
  readonly #room: Room;
  readonly #connectionTimeout: number;
  readonly #conducts = new Map<string, Conduct>();
  readonly #tally = new Tally();
  /** The alarm that this instance has set. */
  #alarmAt = Number.POSITIVE_INFINITY;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(HEARTBEAT.request, HEARTBEAT.response));
    const { rematchWindow, connectionTimeout } = readSettings(env);
    this.#connectionTimeout = connectionTimeout;
    this.#room = new Room(rematchWindow, {
      send: (id, text) => this.#send(id, text),
      save: (person) => this.#socket(person.id)?.serializeAttachment(person),
    });
    const people = ctx.getWebSockets().map((socket): Person => socket.deserializeAttachment());
    this.#room.restore(
      people.filter(({ state }) => state.at !== "gone"),
      Date.now(),
    );
    this.#setAlarm();
  }

  /** Takes in a socket that the directory has admitted: `?lease=…&directory=…&address=…`, from the Worker only. */
  override fetch(request: Request): Response {
    const query = new URL(request.url).searchParams;
    const id = query.get("lease") ?? "";
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, [id]);
    const directory = query.get("directory") ?? "";
    const address = query.get("address") ?? "";
    this.#room.join({ id, directory, address, since: Date.now(), state: { at: "idle" }, skips: [] });
    const welcome: ServerMessage = {
      type: "welcome",
      version: PROTOCOL_VERSION,
      challenge: randomHex(32),
      heartbeatSeconds: HEARTBEAT.seconds,
      lobby: this.ctx.id.name ?? "",
      resumeSeconds: 0,
      reconnectJitterSeconds: 1,
    };
    this.#send(id, JSON.stringify(welcome));
    return new Response(null, { status: 101, webSocket: client });
  }

  holding(leases: string[]): string[] {
    return leases.filter((lease) => this.#socket(lease));
  }

  census(directory: string): { leases: string[]; load: Load } {
    const leases = this.#people().filter((person) => person.directory === directory);
    return { leases: leases.map(({ id }) => id), load: this.load() };
  }

  load(): Load {
    const states = this.#people().map(({ state }) => state.at);
    return {
      sockets: states.length,
      absent: 0,
      waiting: { video: states.filter((at) => at === "waiting").length, text: 0 },
      matches: states.filter((at) => at === "matched").length / 2,
      searchesPerSecond: this.#tally.searchesPerSecond(Date.now()),
    };
  }

  measures(): Measures {
    return { ...this.load(), ...this.#tally.counts };
  }

  drain(on: boolean): void {
    const message: ServerMessage = { type: "draining" };
    if (on) for (const { id } of this.#people()) this.#send(id, JSON.stringify(message));
  }

  expel(names: Name[]): void {
    for (const { id, address } of this.#people()) {
      const socket = this.#socket(id);
      if (socket && names.includes(address)) this.#dismiss(socket, id, CloseCode.banned, "banned");
    }
  }

  override webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): void {
    this.#handle(socket, (id) => {
      if (!this.#room.has(id)) return;
      const now = Date.now();
      const reading = this.#conduct(id).read(frame, now);
      if ("message" in reading && reading.message.type === "search") this.#tally.searched(now);
      if ("message" in reading && reading.message.type === "signal") this.#tally.signaled();
      if ("error" in reading) this.#tally.refused(reading.error.code);
      if ("message" in reading) return this.#room.receive(id, reading.message, reading.text, now);
      this.#send(id, JSON.stringify({ type: "error", ...reading.error } satisfies ServerMessage));
      if (reading.close) this.#dismiss(socket, id, reading.close, reading.error.message);
    });
  }

  override webSocketClose(socket: WebSocket): void {
    this.#farewell(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#farewell(socket);
  }

  override alarm(): void {
    this.#alarmAt = Number.POSITIVE_INFINITY;
    this.#giveUpSilent(this.#room.around(undefined), Date.now());
    this.#room.advance(Date.now());
    this.#setAlarm();
  }

  /** A socket that is gone: the partner hears it, and the directory counts it no more. */
  #farewell(socket: WebSocket): void {
    this.#handle(socket, (id) => {
      this.#room.leave(id, Date.now());
      this.#conducts.delete(id);
      const { directory }: Person = socket.deserializeAttachment();
      // Should this fail, the directory finds out by itself.
      this.ctx.waitUntil(
        this.env.DIRECTORY.getByName(directory)
          .release(id)
          .catch(() => {}),
      );
      socket.close();
    });
  }

  /** Ends a connection from this side. It counts until it is really gone. */
  #dismiss(socket: WebSocket, id: string, code: CloseCode, reason: string): void {
    this.#room.leave(id, Date.now());
    socket.close(code, reason);
  }

  /**
   * Nobody is to be matched with, or left waiting for, a person who is not there: one who has neither said anything
   * nor sent a ping for long. Nothing wakes the lobby for that; it is looked at when somebody else is concerned.
   */
  #giveUpSilent(ids: string[], now: number): void {
    for (const id of ids) {
      const socket = this.#socket(id);
      if (socket && now - this.#heardAt(socket, id) > this.#connectionTimeout) {
        this.#dismiss(socket, id, CloseCode.silent, "no ping for too long");
      }
    }
  }

  #heardAt(socket: WebSocket, id: string): number {
    const pinged = this.ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0;
    const { since }: Person = socket.deserializeAttachment();
    return Math.max(since, pinged, this.#conducts.get(id)?.heardAt ?? 0);
  }

  /** Nothing that a stranger sends may throw out of a handler; a fault of ours costs this one socket. */
  #handle(socket: WebSocket, action: (id: string) => void): void {
    const [id = ""] = this.ctx.getTags(socket);
    try {
      this.#giveUpSilent(this.#room.around(id), Date.now());
      action(id);
      this.#setAlarm();
    } catch (error) {
      console.error("lobby: a handler failed", error);
      this.#dismiss(socket, id, CloseCode.goingAway, "internal error");
    }
  }

  #setAlarm(): void {
    if (this.#room.due === this.#alarmAt || this.#room.due === Number.POSITIVE_INFINITY) return;
    this.#alarmAt = this.#room.due;
    this.ctx.storage.setAlarm(this.#alarmAt);
  }

  #conduct(id: string): Conduct {
    const conduct = this.#conducts.get(id) ?? new Conduct();
    this.#conducts.set(id, conduct);
    return conduct;
  }

  /** Everybody with a socket here. */
  #people(): Person[] {
    return this.ctx.getWebSockets().map((socket) => socket.deserializeAttachment());
  }

  #send(id: string, text: string): void {
    const socket = this.#socket(id);
    if (socket?.readyState === WebSocket.READY_STATE_OPEN) socket.send(text);
  }

  #socket(id: string): WebSocket | undefined {
    return this.ctx.getWebSockets(id)[0];
  }
}

const randomHex = (bytes: number): string => crypto.getRandomValues(new Uint8Array(bytes)).toHex();
