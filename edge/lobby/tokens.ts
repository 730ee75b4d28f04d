/** The tokens with which people come back. Times are in milliseconds. */
import type { Absence } from "../absence.ts";
import type { Person } from "../person.ts";
import type { Room } from "../room.ts";
import { Seals } from "./seals.ts";
import type { Seat } from "./seats.ts";
import { type Sessions, TOKEN_LIFE } from "./sessions.ts";

type Content = { issued: number; person: Person };

type Occupancy = {
  /** Whether there were sockets when this was written. */
  isOccupied: boolean;
  /** When the lobby last found that it had lost them all, and whoever sat at them (milliseconds). */
  lostAt: number;
};

export class Tokens {
  readonly #storage: DurableObjectStorage;
  readonly #seals: Seals;
  readonly #sessions: Sessions;
  /** For how long after a loss somebody is taken by the word of their token. */
  readonly #window: number;
  readonly #lostAt: number;
  #isOccupied: boolean;

  /** @param isEmpty whether the lobby comes into memory without a socket */
  constructor(storage: DurableObjectStorage, sessions: Sessions, isEmpty: boolean, window: number) {
    this.#storage = storage;
    this.#seals = new Seals(storage);
    this.#sessions = sessions;
    this.#window = window;
    const { isOccupied, lostAt } = storage.kv.get<Occupancy>("occupancy") ?? { isOccupied: false, lostAt: 0 };
    this.#isOccupied = isOccupied && !isEmpty;
    this.#lostAt = isOccupied && isEmpty ? Date.now() : lostAt;
  }

  /** Notes whether there are sockets now. */
  occupy(isOccupied: boolean): void {
    if (isOccupied === this.#isOccupied) return;
    this.#isOccupied = isOccupied;
    this.#storage.kv.put<Occupancy>("occupancy", { isOccupied, lostAt: this.#lostAt });
  }

  /** Until when people are expected of whom the lobby knows nothing but what others say. */
  get expectedUntil(): number {
    return this.#lostAt + this.#window;
  }

  make(person: Person, now: number): Promise<string> {
    return this.#seals.seal(JSON.stringify({ issued: now, person } satisfies Content));
  }

  /** Sends a token that says what is known of the person now, unless that has changed before it is made. */
  async issue(seat: Seat, now: number): Promise<void> {
    const { version, about } = seat;
    if (!about.person) return;
    const token = await this.make(about.person, now);
    if (seat.version === version) seat.send(JSON.stringify({ type: "session", token }));
  }

  async read(token: string): Promise<Content | undefined> {
    const text = await this.#seals.open(token);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** Whose token it is, if it is good. */
  find({ issued, person }: Content, room: Room, absence: Absence, now: number): Person | undefined {
    const known = room.people.byKey(person.key);
    if (known) return known;
    const isForgotten = issued <= this.#lostAt && now < this.expectedUntil && now - issued < TOKEN_LIFE;
    const isOther = (room.people.get(person.id)?.key ?? "") !== "";
    if (!isForgotten || isOther || this.#sessions.isSpent(person.key)) return undefined;
    absence.recover(person, this.expectedUntil, now);
    return person;
  }
}
