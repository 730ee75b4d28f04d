/** The sockets of a lobby, and who sits at each. What is known of both stands in the socket's attachment. */
import { CloseCode } from "../../protocol/close-codes.ts";
import { Conduct } from "../conduct.ts";
import { type Door, type DoorState, openDoor, type Said } from "../doors.ts";
import type { Person } from "../person.ts";
import type { Counts } from "../tally.ts";

/** What outlives the lobby's memory. */
export type Attachment = {
  /** Names the connection, in its directory too. */
  lease: string;
  /** Which admitted it, and is told when it is gone. */
  directory: string;
  door: DoorState;
  /** Under which name the client called the server. */
  host: string;
  /** When it came (milliseconds). */
  since: number;
  /** To be answered by signing in, once. */
  challenge: string | null;
  /** `null`: it is on the way out. */
  person: Person | null;
  /** What the lobby had counted when this was written: they cost nothing here. */
  counts: Counts;
};

export class Seat {
  readonly socket: WebSocket;
  readonly about: Attachment;
  readonly door: Door;
  readonly conduct = new Conduct();
  /** Counts what was noted since the lobby came into memory. */
  version = 0;

  /** @param timeout milliseconds for which a client may be silent */
  constructor(socket: WebSocket, about: Attachment, timeout: number) {
    this.socket = socket;
    this.about = about;
    this.door = openDoor(about.door, timeout);
    this.about.door = this.door.state;
  }

  read(frame: string, now: number): Said[] {
    const said = this.door.read(frame, now);
    this.#noteDoor();
    return said;
  }

  /** `false`: the other end is not there, or not any more. */
  send(text: string): boolean {
    const frames = this.door.write(text);
    this.#noteDoor();
    return this.put(frames);
  }

  ping(now: number): void {
    this.put(this.door.ping(now));
    this.#noteDoor();
  }

  /** Sends frames as they are; `false`: the other end is not there, or not any more. */
  put(frames: string[]): boolean {
    if (this.socket.readyState !== WebSocket.READY_STATE_OPEN) return false;
    try {
      for (const frame of frames) this.socket.send(frame);
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Writes down what is known. `false`: it could not be (an attachment holds 16,384 bytes), and nothing is written down;
   * this seat ends with the lobby's memory at the latest.
   */
  save(): boolean {
    try {
      this.socket.serializeAttachment(this.about);
      return true;
    } catch (error) {
      console.error("lobby: a socket's attachment was not written", error);
      this.socket.serializeAttachment(null);
      return false;
    }
  }

  close(code?: CloseCode, reason?: string): void {
    try {
      if (code !== undefined) this.put(this.door.farewell(code));
      this.socket.close(code, reason);
    } catch {
      // It was closed already.
    }
  }

  #noteDoor(): void {
    if (this.about.door === this.door.state) return;
    this.about.door = this.door.state;
    this.save();
  }
}

export class Seats {
  readonly #byLease = new Map<string, Seat>();
  readonly #byPerson = new Map<string, Seat>();

  readonly #timeout: number;

  /** @param timeout milliseconds for which a client may be silent */
  constructor(sockets: WebSocket[], timeout: number) {
    this.#timeout = timeout;
    for (const socket of sockets) {
      const about: Attachment | null = socket.deserializeAttachment();
      if (about) this.#add(new Seat(socket, about, timeout));
      else socket.close(CloseCode.goingAway, "come back");
    }
  }

  get all(): Iterable<Seat> {
    return this.#byLease.values();
  }

  get people(): Person[] {
    return [...this.all].flatMap(({ about }) => about.person ?? []);
  }

  get counts(): Counts[] {
    return [...this.all].map(({ about }) => about.counts);
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
    const seat = new Seat(socket, about, this.#timeout);
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
    seat.save();
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
