/** The sockets of a lobby, and who sits at each. What is known of both stands in the socket's attachment. */
import type { CloseCode } from "../../protocol/close-codes.ts";
import { Conduct } from "../conduct.ts";
import { DOORS, type DoorName } from "../doors.ts";
import type { Person } from "../person.ts";

/** What outlives the lobby's memory. */
export type Attachment = {
  /** Names the connection, in its directory too. */
  lease: string;
  /** Which admitted it, and is told when it is gone. */
  directory: string;
  door: DoorName;
  /** Under which name the client called the server. */
  host: string;
  /** When it came (milliseconds). */
  since: number;
  /** To be answered by signing in, once. */
  challenge: string | null;
  /** `null`: it is on the way out. */
  person: Person | null;
};

export class Seat {
  readonly socket: WebSocket;
  readonly about: Attachment;
  readonly conduct = new Conduct();
  /** Counts what was noted since the lobby came into memory. */
  version = 0;

  constructor(socket: WebSocket, about: Attachment) {
    this.socket = socket;
    this.about = about;
  }

  /** `false`: the other end is not there, or not any more. */
  send(text: string): boolean {
    if (this.socket.readyState !== WebSocket.READY_STATE_OPEN) return false;
    try {
      for (const frame of DOORS[this.about.door].write(text)) this.socket.send(frame);
      return true;
    } catch {
      return false;
    }
  }

  close(code?: CloseCode, reason?: string): void {
    try {
      this.socket.close(code, reason);
    } catch {
      // It was closed already.
    }
  }
}

export class Seats {
  readonly #byLease = new Map<string, Seat>();
  readonly #byPerson = new Map<string, Seat>();

  constructor(sockets: WebSocket[]) {
    for (const socket of sockets) this.#add(new Seat(socket, socket.deserializeAttachment()));
  }

  get all(): Iterable<Seat> {
    return this.#byLease.values();
  }

  get size(): number {
    return this.#byLease.size;
  }

  withLease(lease: string): Seat | undefined {
    return this.#byLease.get(lease);
  }

  of(person: Person): Seat | undefined {
    return this.#byPerson.get(person.id);
  }

  take(socket: WebSocket, about: Attachment): Seat {
    const seat = new Seat(socket, about);
    this.#add(seat);
    return seat;
  }

  /** From now on this person sits here. */
  give(seat: Seat, person: Person): void {
    this.clear(seat);
    seat.about.person = person;
    this.#byPerson.set(person.id, seat);
  }

  /** Nobody sits here any more. Returns who did. */
  clear(seat: Seat): Person | undefined {
    const { person } = seat.about;
    if (!person) return undefined;
    seat.about.person = null;
    seat.socket.serializeAttachment(seat.about);
    this.#byPerson.delete(person.id);
    return person;
  }

  /** The socket is gone. */
  remove(seat: Seat): void {
    this.#byLease.delete(seat.about.lease);
  }

  #add(seat: Seat): void {
    this.#byLease.set(seat.about.lease, seat);
    if (seat.about.person) this.#byPerson.set(seat.about.person.id, seat);
  }
}
