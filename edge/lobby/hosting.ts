/** What the room's people are told, and what is kept of them: sockets for who is here, rows for who is away. */
import type { IceServer } from "../../protocol/messages.ts";
import type { Host } from "../host.ts";
import type { Person } from "../person.ts";
import { type IceSettings, iceServers } from "../turn.ts";
import type { KeptMessages } from "./kept-messages.ts";
import type { Seat, Seats } from "./seats.ts";
import type { Sessions } from "./sessions.ts";

type Parts = {
  seats: Seats;
  sessions: Sessions;
  kept: KeptMessages;
  ice: IceSettings;
  /** When a socket last sent a ping (milliseconds); 0 for never. */
  pingedAt(socket: WebSocket): number;
  /** Milliseconds of silence after which somebody is taken to be away. */
  timeout: number;
  giveUp(seat: Seat, now: number): void;
  report: Host["report"];
};

export class Hosting implements Host {
  readonly report: Host["report"];
  /** Seats whose person has changed since they were last written down. */
  readonly changed = new Set<Seat>();
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.report = parts.report;
  }

  send(person: Person, text: string): boolean {
    return this.#parts.seats.of(person)?.send(text) ?? false;
  }

  keep(person: Person, matchId: string, text: string): boolean {
    return this.#parts.kept.keep(person.id, matchId, text);
  }

  takeKept(person: Person, matchId: string | undefined): string[] {
    return this.#parts.kept.take(person.id, matchId);
  }

  save(person: Person): void {
    const { seats, sessions } = this.#parts;
    const seat = seats.of(person);
    if (seat) {
      seat.version += 1;
      this.changed.add(seat);
    }
    if (person.absentUntil === null || person.key === "") return;
    // A visitor who is nobody and waits for nobody is worth no row: little is lost with the lobby's memory.
    if (person.state.at === "idle" && person.npub === null && person.blocked.length === 0)
      sessions.update(person);
    else sessions.keep(person);
  }

  forget(person: Person, now: number): void {
    this.#parts.kept.take(person.id, undefined);
    // Others come back, if at all, only to what they have left, and only just after a deploy: not worth a row.
    if (person.absentUntil !== null) this.#parts.sessions.expire(person.key, now);
    else if (person.npub !== null) this.#parts.sessions.spend(person.key, now);
  }

  isHeard(person: Person, now: number): boolean {
    const seat = this.#parts.seats.of(person);
    if (!seat) return true;
    const { socket, about, conduct, door } = seat;
    const heardAt = Math.max(about.since, conduct.heardAt, door.heardAt, this.#parts.pingedAt(socket));
    return now - heardAt <= this.#parts.timeout;
  }

  giveUp(person: Person, now: number): void {
    const seat = this.#parts.seats.of(person);
    if (seat) this.#parts.giveUp(seat, now);
  }

  iceServers(person: Person, now: number): IceServer[] {
    return iceServers(this.#parts.ice, person.id, now);
  }
}
