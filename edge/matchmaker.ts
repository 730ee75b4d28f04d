/** Those of a lobby who are here and wait are brought together, if they were heard of lately. Times in milliseconds. */
import type { ServerMessage } from "../protocol/messages.ts";
import type { Host } from "./host.ts";
import { Matching, type Pair } from "./matching.ts";
import type { People } from "./people.ts";
import {
  identityOf,
  type Matched,
  marksOf,
  noteMeeting,
  type Person,
  type Skip,
  ticketOf,
} from "./person.ts";
import type { Tally } from "./tally.ts";

export type Times = {
  /** For which two are kept apart after a skip. */
  rematchWindow: number;
  /** For which a ticket waits for a shared interest. */
  relaxTime: number;
};

export class Matchmaker {
  readonly #people: People;
  readonly #host: Host;
  readonly #tally: Tally;
  readonly #matching: Matching;
  #isClosed = false;

  constructor(times: Times, people: People, host: Host, tally: Tally) {
    this.#people = people;
    this.#host = host;
    this.#tally = tally;
    this.#matching = new Matching(times);
  }

  /** Whether there are no new matches. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** From when on `advance` has somebody to bring together though nobody comes; infinity if that is never. */
  get due(): number {
    return this.#isClosed ? Number.POSITIVE_INFINITY : this.#matching.due;
  }

  /** Those who are here and wait: longest first, unless there are no new matches. */
  *waiting(): Generator<Person> {
    if (this.#isClosed) {
      for (const person of this.#people.all) if (isHereAndWaits(person)) yield person;
      return;
    }
    for (const id of this.#matching.waiting) {
      const person = this.#people.get(id);
      if (person) yield person;
    }
  }

  /** Closed: those who wait go on waiting, and nobody meets. Open again: they meet. */
  close(isClosed: boolean, now: number): void {
    this.#isClosed = isClosed;
    for (const person of [...this.#people.all]) {
      if (isClosed) this.pause(person);
      else this.enter(person, now);
    }
  }

  /** Keeps a person apart from somebody whom they skipped, for a while from that moment. */
  heed(person: Person, [at, ...marks]: Skip): void {
    this.#matching.skip(marksOf(person), marks, at);
  }

  /** From now on a person may be met, if they are here and wait, in the place that their wait gives them. */
  enter(person: Person, now: number): void {
    this.#announce(this.#ticketIn(person, now), now);
  }

  /** For now a person is met by nobody. */
  pause(person: Person): void {
    this.#matching.leave(person.id);
  }

  /** Brings together those who may meet by `now`. */
  advance(now: number): void {
    if (!this.#isClosed) this.#announce(this.#matching.advance(now), now);
  }

  /** Takes those of these who are here and silent to be away. Says whether there were any. */
  giveUpSilent(people: Person[], now: number): boolean {
    const silent = people.filter((person) => person.absentUntil === null && !this.#host.isHeard(person, now));
    for (const person of silent) this.#host.giveUp(person, now);
    return silent.length > 0;
  }

  /** A match as one of its two is told of it. */
  view(person: Person, match: Matched, now: number) {
    const { matchId, role, interests, hasMet: met, partner } = match;
    const peer = { npub: partner.npub, met };
    const iceServers = this.#host.iceServers(person, now);
    return { matchId, role, mode: person.wish.mode, interests, peer, iceServers };
  }

  #ticketIn(person: Person, now: number): Pair[] {
    const { state } = person;
    if (this.#isClosed || person.absentUntil !== null || state.at !== "waiting") return [];
    return this.#matching.enter(ticketOf(person, state.since), now);
  }

  #announce(pairs: Pair[], now: number): void {
    const all = [...pairs];
    for (const pair of all) {
      const longer = this.#people.get(pair.longer);
      const shorter = this.#people.get(pair.shorter);
      if (!longer || !shorter) continue;
      if (this.giveUpSilent([longer, shorter], now))
        all.push(...[longer, shorter].flatMap((person) => this.#ticketIn(person, now)));
      else this.#match(longer, shorter, pair, now);
    }
  }

  #match(longer: Person, shorter: Person, { interests, met: hasMet }: Pair, now: number): void {
    const common = { at: "matched", matchId: crypto.randomUUID(), since: now, interests, hasMet } as const;
    if (longer.state.at === "waiting") this.#tally.matched(now - longer.state.since);
    const sides: [Person, Matched][] = [
      [longer, { ...common, role: "impolite", partner: identityOf(shorter) }],
      [shorter, { ...common, role: "polite", partner: identityOf(longer) }],
    ];
    for (const [person, match] of sides) {
      noteMeeting(person, match.partner);
      person.state = match;
      this.#host.save(person);
      const message: ServerMessage = { type: "matched", ...this.view(person, match, now) };
      this.#host.send(person, JSON.stringify(message));
    }
  }
}

const isHereAndWaits = ({ state, absentUntil }: Person): boolean =>
  state.at === "waiting" && absentUntil === null;
