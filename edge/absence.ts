/** What it means for a room that somebody is away: their place is kept for a while, and they come back to it. */
import type { Host } from "./host.ts";
import { absentPartner, type Matched, type Person } from "./person.ts";
import type { Room } from "./room.ts";

export class Absence {
  readonly #room: Room;
  readonly #host: Host;
  /** Milliseconds. */
  readonly #window: number;

  constructor(room: Room, host: Host, window: number) {
    this.#room = room;
    this.#host = host;
    this.#window = window;
  }

  /** When the next place is given up; infinity if everybody is here. */
  get due(): number {
    let due = Number.POSITIVE_INFINITY;
    for (const { absentUntil } of this.#room.people.absent) due = Math.min(due, absentUntil ?? due);
    return due;
  }

  /** The person's connection is gone. */
  begin(person: Person, now: number): void {
    if (person.absentUntil !== null) return;
    this.#room.matchmaker.pause(person);
    this.#until(person, now + this.#window);
    const { state } = person;
    const partner = this.#room.people.partnerOf(person);
    if (!partner || state.at !== "matched") return;
    const seconds = this.#window / 1_000;
    this.#room.send(partner, { type: "peer-reconnecting", matchId: state.matchId, seconds });
  }

  /** The person is back, and is told where they are and what was said meanwhile. */
  end(person: Person, now: number): void {
    this.#until(person, null);
    const { state, npub } = person;
    const partner = this.#room.people.partnerOf(person);
    if (!partner || state.at !== "matched") {
      this.#host.takeKept(person, undefined);
      this.#room.send(person, { type: "resumed", at: state.at, npub });
      this.#room.matchmaker.enter(person, now);
      return;
    }
    const match = {
      ...this.#room.matchmaker.view(person, state, now),
      peerPresent: partner.absentUntil === null,
    };
    this.#room.send(person, { type: "resumed", at: "matched", match, npub });
    for (const text of this.#host.takeKept(person, state.matchId)) this.#host.send(person, text);
    this.#room.send(partner, { type: "peer-resumed", matchId: state.matchId });
  }

  /** Somebody is on the way here from another lobby. */
  expect(person: Person, now: number): void {
    const known = this.#room.people.get(person.id);
    if (known) this.#room.leave(known, now);
    this.#room.admit(person);
    this.#until(person, now + this.#window);
  }

  /** Those whose time is over by `now` are gone. */
  expire(now: number): void {
    for (const person of [...this.#room.people.absent]) {
      if ((person.absentUntil ?? now) <= now) this.#room.leave(person, now);
    }
  }

  /**
   * After the lobby has forgotten everybody: takes in what somebody's token says of them. What it says of a match
   * counts unless the other side has come back already, and says otherwise.
   *
   * @param until when to give up the other side, if they do not come back either
   */
  recover(person: Person, until: number, now: number): void {
    const { people } = this.#room;
    const expected = people.get(person.id);
    if (expected) {
      if (expected.state.at !== "matched") person.state = expected.state;
      else if (!isSameMatch(expected, person)) this.#room.leave(expected, now);
      person.last = expected.last;
      people.forget(expected);
    }
    // Not matched with anybody before they are told where they are.
    person.absentUntil = now;
    this.#room.admit(person);
    this.reunite(person, until, now);
  }

  /** Sees to it that somebody who is matched has a partner, if only one who is expected; or that they wait. */
  reunite(person: Person, until: number, now: number): void {
    const { people } = this.#room;
    const { state } = person;
    if (state.at !== "matched" || people.partnerOf(person)) return;
    const other = people.get(state.partner.id);
    if (until > now && (!other || isOlderGuess(other, state))) {
      if (other) this.#room.leave(other, now);
      people.note(absentPartner(person, state, until));
      return;
    }
    this.#room.part(person, "left");
    this.#room.send(person, { type: "ended", matchId: state.matchId, reason: "left" });
    this.#room.queue(person, now);
  }

  #until(person: Person, until: number | null): void {
    person.absentUntil = until;
    this.#room.people.note(person);
    this.#host.save(person);
  }
}

/** Whether nothing is known of somebody but what another says of an earlier match. */
const isOlderGuess = ({ key, state }: Person, { since }: Matched): boolean =>
  key === "" && state.at === "matched" && state.since < since;

const isSameMatch = (one: Person, other: Person): boolean =>
  one.state.at === "matched" && other.state.at === "matched" && one.state.matchId === other.state.matchId;
