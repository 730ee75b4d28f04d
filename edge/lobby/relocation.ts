/** People who wait alone are taken to where others wait. Times are in milliseconds. */
import type { Mode } from "../../protocol/messages.ts";
import type { Person } from "../person.ts";
import type { Room } from "../room.ts";

export type Ways = {
  /** In which lobby others wait for the same. */
  whereElse(mode: Mode): Promise<string | undefined>;
  /** Has another lobby keep places for these people: the tokens with which they come to them. */
  announce(lobby: string, people: Person[]): Promise<string[]>;
  /** Whether somebody's client knows how to go elsewhere. */
  canFollow(person: Person): boolean;
  /** Somebody is to come back as anybody does: here they would wait for nothing. */
  sendAway(person: Person, now: number): void;
  /** Somebody's place is kept elsewhere now. */
  sendOn(person: Person, lobby: string, token: string): void;
};

export class Relocation {
  readonly #room: Room;
  readonly #ways: Ways;
  /** How long somebody waits before others are looked for elsewhere. */
  readonly #patience: number;
  #notBefore = 0;

  constructor(room: Room, ways: Ways, patience: number) {
    this.#room = room;
    this.#ways = ways;
    this.#patience = patience;
  }

  /** When there is somebody to be taken elsewhere; infinity if nobody waits. */
  get due(): number {
    const [longest] = this.#room.matchmaker.waiting();
    if (longest?.state.at !== "waiting") return Number.POSITIVE_INFINITY;
    const from = this.#room.matchmaker.isClosed ? 0 : longest.state.since + this.#patience;
    return Math.max(this.#notBefore, from);
  }

  /** People were sent here, where others wait: they are given time to come, and to meet. */
  hold(now: number): void {
    this.#notBefore = Math.max(this.#notBefore, now + this.#patience);
  }

  /** Looks for others elsewhere, if it is time to. Whoever waits may be matched here until places are kept there. */
  async run(now: number): Promise<void> {
    if (this.due > now) return;
    const waits = (person: Person) => (person.state.at === "waiting" ? now - person.state.since : 0);
    const waiting = [...this.#room.matchmaker.waiting()];
    // In vain, it is tried again when the wait has doubled.
    this.#notBefore = now + Math.max(this.#patience, ...waiting.map(waits));
    const alone = waiting.filter(
      (person) => this.#room.matchmaker.isClosed || waits(person) >= this.#patience,
    );
    const { yes: followers = [], no: strays = [] } = Object.groupBy(alone, (person) =>
      this.#ways.canFollow(person) ? "yes" : "no",
    );
    if (this.#room.matchmaker.isClosed) for (const person of strays) this.#ways.sendAway(person, now);
    for (const [mode, people] of Map.groupBy(followers, ({ wish }) => wish.mode)) {
      const lobby = await this.#ways.whereElse(mode);
      if (lobby !== undefined) await this.#move(people, lobby);
    }
  }

  async #move(people: Person[], lobby: string): Promise<void> {
    const moving = people
      .filter((person) => this.#isHereAndWaits(person))
      .map((person) => ({ person, state: person.state }));
    for (const { person } of moving) this.#room.matchmaker.pause(person);
    const tokens = await this.#ways
      .announce(
        lobby,
        moving.map(({ person }) => person),
      )
      .catch(() => []);
    for (const [index, { person, state }] of moving.entries()) {
      const token = tokens[index];
      const isUnchanged = person.state === state && this.#isHereAndWaits(person);
      if (token !== undefined && isUnchanged) this.#ways.sendOn(person, lobby, token);
      else this.#room.matchmaker.enter(person, Date.now());
    }
  }

  #isHereAndWaits(person: Person): boolean {
    const isHere = person.absentUntil === null && this.#room.people.get(person.id) === person;
    return isHere && person.state.at === "waiting";
  }
}
