/** The tokens with which people come back. Times are in milliseconds. */
import type { Absence } from "../absence.ts";
import type { Person } from "../person.ts";
import type { Room } from "../room.ts";
import { Seals } from "./seals.ts";
import type { Seat } from "./seats.ts";
import { type Sessions, TOKEN_LIFE } from "./sessions.ts";

type Content = { issued: number; person: Person };

export class Tokens {
  readonly #storage: DurableObjectStorage;
  readonly #seals: Seals;
  readonly #sessions: Sessions;
  /** For how long somebody is taken by the word of their token, after the lobby began with nobody in it. */
  readonly #window: number;
  /** When that was: the lobby may have lost all its sockets, and whoever sat at them. */
  readonly #emptySince: number;
  #isNoted: boolean;

  /** @param isEmpty whether the lobby comes into memory without a socket */
  constructor(storage: DurableObjectStorage, sessions: Sessions, isEmpty: boolean, window: number) {
    this.#storage = storage;
    this.#seals = new Seals(storage);
    this.#sessions = sessions;
    this.#window = window;
    this.#isNoted = !isEmpty;
    this.#emptySince = isEmpty ? Date.now() : (storage.kv.get<number>("emptySince") ?? 0);
  }

  /** The lobby is empty no more. */
  open(): void {
    if (!this.#isNoted) this.#storage.kv.put("emptySince", this.#emptySince);
    this.#isNoted = true;
  }

  /** Until when people are expected of whom the lobby knows nothing but what others say. */
  get expectedUntil(): number {
    return this.#emptySince + this.#window;
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
    const isForgotten = issued <= this.#emptySince && now < this.expectedUntil && now - issued < TOKEN_LIFE;
    const isOther = (room.people.get(person.id)?.key ?? "") !== "";
    if (!isForgotten || isOther || this.#sessions.isSpent(person.key)) return undefined;
    absence.recover(person, this.expectedUntil, now);
    return person;
  }
}
