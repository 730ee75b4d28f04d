import { DurableObject } from "cloudflare:workers";
import { CloseCode } from "../protocol/close-codes.ts";
import { HEARTBEAT, type ServerMessage } from "../protocol/messages.ts";
import { Absence } from "./absence.ts";
import { arrive } from "./doors.ts";
import { Diary } from "./lobby/diary.ts";
import { loadOf } from "./lobby/figures.ts";
import { Hosting } from "./lobby/hosting.ts";
import { KeptMessages } from "./lobby/kept-messages.ts";
import { Outside } from "./lobby/outside.ts";
import { Pings } from "./lobby/pings.ts";
import { Reception } from "./lobby/reception.ts";
import { Relocation } from "./lobby/relocation.ts";
import { type Seat, Seats } from "./lobby/seats.ts";
import { Sessions } from "./lobby/sessions.ts";
import { Tokens } from "./lobby/tokens.ts";
import { newcomer, type Person } from "./person.ts";
import { Room } from "./room.ts";
import type { Load, LobbyCalls, Measures, Name } from "./rpc.ts";
import { readSettings } from "./settings.ts";

/** Milliseconds: nothing is so urgent that it may cost more alarms. */
const ALARM_INTERVAL = 1_000;

/**
 * A matchmaking room and a signaling hub, over hibernating sockets: the room decides, this object holds its sockets.
 * Each socket is tagged with its lease and carries what is known of its person; the constructor reads them all.
 */
export class Lobby extends DurableObject<Env> implements LobbyCalls {
  readonly #outside: Outside;
  readonly #seats: Seats;
  readonly #pings: Pings;
  readonly #sessions: Sessions;
  readonly #diary: Diary;
  readonly #hosting: Hosting;
  readonly #room: Room;
  readonly #absence: Absence;
  readonly #tokens: Tokens;
  readonly #reception: Reception;
  readonly #relocation: Relocation;
  readonly #awakeSince = Date.now();
  /** The alarm that this instance has set, and when the last one was. */
  #alarmAt = Number.POSITIVE_INFINITY;
  #alarmedAt = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(HEARTBEAT.request, HEARTBEAT.response));
    const { storage } = ctx;
    const settings = readSettings(env);
    const { resumeWindow } = settings;
    this.#outside = new Outside(ctx, env, (seat, action) => this.#do(seat, action));
    this.#seats = new Seats(ctx.getWebSockets(), settings.connectionTimeout);
    this.#pings = new Pings(this.#seats);
    this.#sessions = new Sessions(storage.sql);
    this.#diary = new Diary(storage, this.#seats.counts);
    this.#hosting = new Hosting({
      seats: this.#seats,
      sessions: this.#sessions,
      kept: new KeptMessages(storage.sql),
      ice: settings.ice,
      timeout: settings.connectionTimeout,
      pingedAt: (socket) => ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0,
      giveUp: (seat, now) => this.#reception.drop(seat, CloseCode.silent, "no ping for too long", now),
      report: (by, report) => this.#reception.report(by, report),
    });
    this.#room = new Room(settings, this.#hosting, this.#diary.tally);
    this.#absence = new Absence(this.#room, this.#hosting, resumeWindow);
    this.#tokens = new Tokens(storage, this.#sessions, this.#seats.size === 0, resumeWindow);
    this.#reception = new Reception({
      seats: this.#seats,
      room: this.#room,
      absence: this.#absence,
      sessions: this.#sessions,
      tokens: this.#tokens,
      tally: this.#diary.tally,
      outside: this.#outside,
      resumeWindow,
    });
    this.#relocation = new Relocation(
      this.#room,
      {
        whereElse: (mode) => this.#outside.whereElse(mode),
        announce: (lobby, people) => this.#outside.adopt(lobby, people),
        canFollow: (person) => this.#seats.of(person)?.door.canReturn === true,
        sendAway: (person, now) => this.#reception.sendAway(person, now),
        sendOn: (person, lobby, token) => this.#reception.sendOn(person, lobby, token, Date.now()),
      },
      Math.max(settings.moveAfter, settings.relaxTime),
    );
    this.#restore(Date.now());
  }

  /** Takes in a socket that the directory has admitted: `?lease=…&directory=…&address=…&host=…&door=…`, from the Worker only. */
  override fetch(request: Request): Response {
    const query = new URL(request.url).searchParams;
    const given = (name: string) => query.get(name) ?? "";
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, [given("lease")]);
    this.#tokens.occupy(true);
    const seat = this.#seats.take(server, {
      lease: given("lease"),
      directory: given("directory"),
      door: arrive(query, Date.now()),
      host: given("host"),
      since: Date.now(),
      challenge: random(32).toHex(),
      person: null,
      counts: this.#diary.tally.counts,
    });
    this.#pings.expect(seat);
    this.#do(seat, () => {
      this.#reception.welcome(
        seat,
        newcomer(random(16).toHex(), random(16).toHex(), given("address")),
        this.#outside.lobby,
      );
      if (this.#room.matchmaker.isClosed) seat.send(DRAINING);
    });
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): void {
    const seat = this.#seatOf(socket);
    if (seat?.about.person) this.#do(seat, (now) => this.#reception.hear(seat, frame, now));
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#farewell(socket, code);
  }

  override webSocketError(socket: WebSocket): void {
    this.#farewell(socket, 1006);
  }

  override async alarm(): Promise<void> {
    const now = Date.now();
    this.#alarmAt = Number.POSITIVE_INFINITY;
    this.#alarmedAt = now;
    this.#sessions.sweep(now);
    this.#pings.run(now);
    this.#absence.expire(now);
    this.#room.matchmaker.advance(now);
    this.#settle(now);
    await this.#relocation.run(now).catch((error) => console.error("lobby: nobody was moved", error));
    this.#settle(Date.now());
  }

  holding(leases: string[]): string[] {
    return leases.filter((lease) => this.#seats.withLease(lease));
  }

  census(directory: string): { leases: string[]; load: Load } {
    const seats = [...this.#seats.all].filter(({ about }) => about.directory === directory);
    return { leases: seats.map(({ about }) => about.lease), load: this.load() };
  }

  load(): Load {
    const rate = this.#diary.tally.searchesPerSecond(Date.now());
    return loadOf(this.#room.people, this.#seats.size, rate);
  }

  measures(): Measures {
    return { ...this.load(), ...this.#diary.tally.counts, awakeSince: this.#awakeSince };
  }

  drain(on: boolean): void {
    this.ctx.storage.kv.put("drained", on);
    this.#room.matchmaker.close(on, Date.now());
    if (on) for (const seat of this.#seats.all) seat.send(DRAINING);
    this.#settle(Date.now());
  }

  expel(names: Name[]): void {
    this.#reception.expel(names, Date.now());
    this.#settle(Date.now());
  }

  /** Keeps places for people who are on their way here from another lobby: the tokens with which they come to them. */
  async adopt(people: Person[]): Promise<string[]> {
    const now = Date.now();
    const adopted = people.map((person) => ({ ...person, key: random(16).toHex() }));
    for (const person of adopted) this.#absence.expect(person, now);
    this.#relocation.hold(now);
    this.#settle(now);
    return Promise.all(adopted.map((person) => this.#tokens.make(person, now)));
  }

  /** Takes up where the lobby stood before its memory was gone. */
  #restore(now: number): void {
    const people = [...this.#sessions.absent(), ...this.#seats.people];
    this.#room.matchmaker.close(this.ctx.storage.kv.get("drained") === true, now);
    this.#room.restore(people, now);
    for (const person of people) this.#absence.reunite(person, this.#tokens.expectedUntil, now);
    this.#settle(now);
  }

  #farewell(socket: WebSocket, code: number): void {
    const seat = this.#seatOf(socket);
    if (!seat) return;
    this.#do(seat, (now) => this.#reception.farewell(seat, code, now));
    this.#outside.release(seat.about.lease, seat.about.directory);
    seat.close();
    if (this.#seats.size > 0) return;
    this.#tokens.occupy(false);
    this.#diary.write(Date.now());
  }

  /** Nothing that a stranger sends may throw out of a handler; a fault of ours costs this one socket. */
  #do(seat: Seat, action: (now: number) => void): void {
    const now = Date.now();
    try {
      this.#absence.expire(now);
      this.#room.matchmaker.advance(now);
      action(now);
    } catch (error) {
      console.error("lobby: a handler failed", error);
      this.#reception.drop(seat, CloseCode.goingAway, "internal error", now);
    }
    this.#settle(now);
    this.#diary.note(now, () => ({ lobby: this.#outside.lobby, ...this.measures() }));
  }

  /** Writes down what has changed, and sees to it that what is due is done. Who cannot be written down goes. */
  #settle(now: number): void {
    for (const seat of this.#hosting.changed) {
      this.#hosting.changed.delete(seat);
      seat.about.counts = this.#diary.tally.counts;
      if (!seat.save()) this.#reception.dismiss(seat, CloseCode.goingAway, "internal error", now);
      else if (seat.door.canReturn) this.ctx.waitUntil(this.#tokens.issue(seat, now));
    }
    const due = Math.min(this.#pings.due, this.#room.matchmaker.due, this.#absence.due, this.#relocation.due);
    const at = Math.max(due, this.#alarmedAt + ALARM_INTERVAL);
    if (at >= this.#alarmAt) return;
    this.#alarmAt = at;
    this.ctx.storage.setAlarm(at);
  }

  #seatOf(socket: WebSocket): Seat | undefined {
    const [lease = ""] = this.ctx.getTags(socket);
    return this.#seats.withLease(lease);
  }
}

const DRAINING = JSON.stringify({ type: "draining" } satisfies ServerMessage);

const random = (bytes: number): Uint8Array => crypto.getRandomValues(new Uint8Array(bytes));
