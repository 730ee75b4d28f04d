import { Matching, type Pair, type Ticket } from "../../edge/matching.ts";
import { NaiveMatching } from "./naive-matching.ts";

const TIMES = { rematchWindow: 60_000, relaxTime: 5_000 };
const INTERESTS = ["art", "chess", "go", "music"];

type Person = {
  readonly id: string;
  readonly names: string[];
  blocked: string[];
  met: string[];
  partner: Person | undefined;
};

/** Numbers that look random (Marsaglia's xorshift), the same for the same seed. */
export const randomNumbers = (seed: number): (() => number) => {
  let state = Math.imul(seed, 0x9e3779b1) ^ 0x6a09e667 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
};

/**
 * A crowd that searches, meets, skips, blocks, goes and comes back at random, in the matching and beside it in the
 * naive one. `step` throws as soon as anything is not as it must be.
 */
export class MatchingStory {
  readonly matching = new Matching(TIMES);
  readonly #naive = new NaiveMatching(TIMES);
  readonly #people: Person[];
  readonly #byId = new Map<string, Person>();
  readonly #skips = new Map<string, number>();
  #came = 0;
  #now = 1_000_000;
  /** What happened, so that a test can see that it did. */
  readonly seen = { events: 0, pairs: 0, met: 0, shared: 0, byTime: 0, mostWaiting: 0, inVain: 0 };

  constructor(size: number) {
    this.#people = Array.from({ length: size }, () => this.#newcomer());
  }

  step(random: () => number): void {
    const draw = (below: number): number => random() % below;
    const index = draw(this.#people.length);
    const person = this.#people[index];
    if (!person) return;
    const { partner } = person;
    const what = draw(100);
    if (what < 25) this.#pass([1, 100, 1_000, 5_000, 20_000][draw(5)] ?? 0, draw(3) > 0);
    else if (what < 28) this.#leave(person);
    else if (what < 31 && !partner) {
      this.#leave(person);
      this.#byId.delete(person.id);
      this.#people[index] = this.#newcomer();
    } else if (what < 32)
      this.#skip(person, this.#people[draw(this.#people.length)] ?? person, draw(100_000));
    else if (!partner) this.#search(person, draw);
    else if (what < 75) {
      this.#part(person, partner);
      this.#skip(person, partner, 0);
      this.#search(partner, draw);
      this.#search(person, draw);
    } else if (what < 80) {
      this.#part(person, partner);
      const name = partner.names[draw(partner.names.length)] ?? "";
      person.blocked = [...person.blocked, name].slice(-3);
      this.#search(person, draw);
    } else this.#part(person, partner);
    this.#look();
  }

  /** Each three who come in a row have one address in common, and every fifth has one of two identities. */
  #newcomer(): Person {
    this.#came += 1;
    const id = `p${this.#came}`;
    const names = [id, `a${Math.floor(this.#came / 3)}`, ...(this.#came % 5 ? [] : [`n${this.#came % 2}`])];
    const person: Person = { id, names, blocked: [], met: [], partner: undefined };
    this.#byId.set(id, person);
    return person;
  }

  /** Who waits already, mostly keeps waiting; who does not, may have waited elsewhere before. */
  #search(person: Person, draw: (below: number) => number): void {
    if (person.partner) return;
    const before = this.#naive.waiting.find(({ id }) => id === person.id);
    if (before && draw(4) > 0) return;
    const since = before && draw(2) > 0 ? before.since : this.#now - (draw(10) > 0 ? 0 : draw(10_000));
    const wishes = draw(2 ** INTERESTS.length) & draw(2 ** INTERESTS.length);
    this.seen.events += 1;
    const ticket: Ticket = {
      id: person.id,
      since,
      mode: draw(8) > 0 ? "video" : "text",
      interests: INTERESTS.filter((_, index) => wishes & (1 << index)),
      names: person.names,
      blocked: person.blocked,
      met: person.met,
    };
    this.#settle(this.matching.enter(ticket, this.#now), this.#naive.enter(ticket, this.#now));
  }

  #leave(person: Person): void {
    this.seen.events += 1;
    this.matching.leave(person.id);
    this.#naive.leave(person.id);
  }

  #skip(one: Person, other: Person, ago: number): void {
    this.seen.events += 1;
    const at = this.#now - ago;
    const names = other.names.filter((name) => !one.names.includes(name));
    this.matching.skip(one.names, names, at);
    this.#naive.skip(one.names, names, at);
    for (const key of [`${one.id} ${other.id}`, `${other.id} ${one.id}`]) {
      this.#skips.set(key, Math.max(at, this.#skips.get(key) ?? at));
    }
  }

  /** Time goes by; mostly somebody looks what that brings, as soon as there is something or later. */
  #pass(ms: number, looks: boolean): void {
    const { due } = this.matching;
    this.#now += ms;
    if (!looks) return;
    this.seen.events += 1;
    const pairs = this.matching.advance(this.#now);
    if (due <= this.#now && pairs.length === 0) this.seen.inVain += 1;
    if (due > this.#now && pairs.length > 0) throw new Error("pairs before they were due");
    this.seen.byTime += pairs.length;
    this.#settle(pairs, this.#naive.advance(this.#now));
  }

  #part(person: Person, partner: Person): void {
    person.partner = undefined;
    partner.partner = undefined;
  }

  #settle(pairs: Pair[], expected: Pair[]): void {
    if (!(pairs.length === expected.length && pairs.every((pair, index) => same(pair, expected[index]))))
      throw new Error(`paired ${JSON.stringify(pairs)}, not ${JSON.stringify(expected)}`);
    for (const { longer, shorter, interests, met } of pairs) {
      const one = this.#byId.get(longer);
      const other = this.#byId.get(shorter);
      if (!one || !other || one === other) throw new Error(`${longer} ${shorter}: no two people`);
      if (one.partner || other.partner) throw new Error(`${longer} ${shorter}: two matches for one person`);
      const skippedAt = this.#skips.get(`${longer} ${shorter}`) ?? Number.NEGATIVE_INFINITY;
      if (this.#now < skippedAt + TIMES.rematchWindow) throw new Error(`${longer} ${shorter}: too early`);
      one.partner = other;
      other.partner = one;
      one.met = [...one.met, other.names.at(-1) ?? ""].slice(-4);
      other.met = [...other.met, longer].slice(-2);
      this.seen.pairs += 1;
      this.seen.met += met ? 1 : 0;
      this.seen.shared += interests.length > 0 ? 1 : 0;
    }
  }

  /** Both agree on who waits, in which order; nobody waits in vain; and the next moment is not missed. */
  #look(): void {
    const { waiting } = this.#naive;
    let index = 0;
    for (const id of this.matching.waiting) {
      if (id !== waiting[index]?.id) throw new Error(`${id} waits in the place of ${waiting[index]?.id}`);
      if (this.#byId.get(id)?.partner) throw new Error(`${id} waits, and is in a match`);
      index += 1;
    }
    if (index !== waiting.length || index !== this.matching.size) throw new Error("not all are waiting");
    if (this.matching.due > this.#naive.due) throw new Error("due too late");
    this.seen.mostWaiting = Math.max(this.seen.mostWaiting, index);
  }
}

const same = (one: Pair, other: Pair | undefined): boolean =>
  one.longer === other?.longer &&
  one.shorter === other.shorter &&
  one.met === other.met &&
  one.interests.join() === other.interests.join();
