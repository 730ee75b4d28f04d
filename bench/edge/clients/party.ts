/** Many clients of one server, who meet, connect and part. */
import { setTimeout as sleep } from "node:timers/promises";
import { CANDIDATES, candidate, description, trickle } from "../../browser.ts";
import { quantile } from "../../statistics.ts";
import type { Dialect, Heard } from "./dialects.ts";
import { Person } from "./person.ts";

/** Connections that are opened at a time. */
const AT_ONCE = 50;
/** Milliseconds within which whatever is waited for happens. */
const PATIENCE = 60_000;
/** Milliseconds that a match lasts at least: for some seconds, the edge takes so much of one person. */
const MATCH = 400;

export interface Exchanged {
  /** Complete ones: a description and all candidates have reached each side. */
  matches: number;
  /** Until the last of them. */
  seconds: number;
}

export interface Relayed {
  sent: number;
  arrived: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

/** `sides`: who makes the offer comes first. `arrived`: descriptions and candidates. */
type Match = { sides: Person[]; since: number; arrived: number };

const ALL_ARRIVED = 2 * (1 + CANDIDATES);

export class Party {
  readonly #people: Person[] = [];
  readonly #matches = new Map<string, Match>();
  readonly #resting = new Set<Match>();
  readonly #underWay = new Set<Match>();
  #isGoingOn = false;
  #isBatched = true;
  #completed = 0;
  #onProgress = () => {};
  /** What the server has refused, and how often. */
  readonly refusals: Record<string, number> = {};

  static async open(server: string, dialect: Dialect, count: number): Promise<Party> {
    const party = new Party();
    for (let left = count; left > 0; left -= AT_ONCE) {
      const people = Array.from({ length: Math.min(AT_ONCE, left) }, () => Person.join(server, dialect));
      party.#people.push(...(await Promise.all(people)));
    }
    for (const person of party.#people) person.onHeard = (heard) => party.#hear(person, heard);
    return party;
  }

  /** Everybody searches at once; milliseconds until all are matched. */
  async pairUp(): Promise<number> {
    const begun = performance.now();
    for (const person of this.#people) person.search();
    await this.#until(() => this.#resting.size * 2 === this.#people.length);
    return performance.now() - begun;
  }

  /** So many candidates a second for so long, in the matches that there are. */
  async relay(rate: number, seconds: number): Promise<Relayed> {
    const latencies: number[] = [];
    for (const person of this.#people) {
      person.onHeard = (heard) => {
        if (heard.what === "refused") this.#refused(heard.why);
        if (heard.what !== "signal") return;
        for (const { usernameFragment } of heard.candidates)
          latencies.push(performance.now() - Number(usernameFragment));
        this.#onProgress();
      };
    }
    const begun = performance.now();
    const count = Math.round(rate * seconds);
    for (let sent = 0; sent < count; await sleep(1)) {
      const due = Math.min(count, Math.ceil(((performance.now() - begun) * rate) / 1_000));
      for (; sent < due; sent++) {
        // It counts from when it was due.
        const dueAt = begun + (sent * 1_000) / rate;
        this.#people[sent % this.#people.length]?.signal({ candidates: [candidate(sent, String(dueAt))] });
      }
    }
    const lost = () => Object.values(this.refusals).reduce((sum, times) => sum + times, 0);
    await this.#until(() => latencies.length + lost() >= count);
    const sorted = Float64Array.from(latencies).sort();
    return { sent: count, arrived: sorted.length, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
  }

  /** For so long, matches are completed and skipped, one after the other; the last ones are left as they are. */
  async exchange(seconds: number, isBatched: boolean): Promise<Exchanged> {
    this.#isBatched = isBatched;
    this.#completed = 0;
    this.#isGoingOn = true;
    const begun = performance.now();
    for (const match of [...this.#resting]) this.#skip(match);
    await sleep(seconds * 1_000);
    this.#isGoingOn = false;
    await this.#until(() => this.#underWay.size === 0);
    return { matches: this.#completed, seconds: (performance.now() - begun) / 1_000 };
  }

  async leave(): Promise<void> {
    for (const person of this.#people) person.onHeard = () => {};
    await Promise.all(this.#people.map((person) => person.leave()));
  }

  #hear(person: Person, heard: Heard): void {
    if (heard.what === "refused") this.#refused(heard.why);
    if (heard.what === "matched") this.#join(person, heard);
    if (heard.what === "signal") this.#receive(person, heard);
    this.#onProgress();
  }

  #join(person: Person, { matchId, makesOffer }: Extract<Heard, { what: "matched" }>): void {
    const match = this.#matches.get(matchId) ?? { sides: [], since: performance.now(), arrived: 0 };
    this.#matches.set(matchId, match);
    if (makesOffer) match.sides.unshift(person);
    else match.sides.push(person);
    if (match.sides.length < 2) return;
    if (!this.#isGoingOn) {
      this.#resting.add(match);
      return;
    }
    this.#underWay.add(match);
    match.sides[0]?.signal(description("offer"));
  }

  #receive(person: Person, { matchId, candidates }: Extract<Heard, { what: "signal" }>): void {
    const match = this.#matches.get(matchId);
    if (!match) return;
    match.arrived += candidates.length || 1;
    if (candidates.length === 0) {
      if (person !== match.sides[0]) person.signal(description("answer"));
      for (const signal of trickle(this.#isBatched)) person.signal(signal);
    }
    if (match.arrived < ALL_ARRIVED) return;
    this.#completed += 1;
    this.#underWay.delete(match);
    this.#resting.add(match);
    const rest = Math.max(0, match.since + MATCH - performance.now());
    setTimeout(() => this.#isGoingOn && this.#resting.has(match) && this.#skip(match), rest);
  }

  #skip(match: Match): void {
    const [first] = match.sides;
    this.#resting.delete(match);
    if (!first) return;
    this.#matches.delete(first.matchId);
    first.skip();
  }

  #refused(why: string): void {
    this.refusals[why] = (this.refusals[why] ?? 0) + 1;
  }

  async #until(isSo: () => boolean): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      const refused = () => JSON.stringify(this.refusals);
      timer = setTimeout(() => reject(new Error(`nothing more happens; refused: ${refused()}`)), PATIENCE);
      this.#onProgress = () => isSo() && resolve();
      this.#onProgress();
    });
    clearTimeout(timer);
    this.#onProgress = () => {};
  }
}
