import type { Placed } from "./queue.ts";

/** One person's wish to be matched. The caller bounds the lists. */
export type Ticket = {
  readonly id: string;
  /** When the wait began (milliseconds): it may have been elsewhere, but not in the future. */
  readonly since: number;
  /** Only tickets of one mode meet. */
  readonly mode: string;
  /** Unique, in the form in which they are compared. */
  readonly interests: readonly string[];
  /** By what others know this person: by these they keep away. */
  readonly names: readonly string[];
  /** Names of people whom this person is never to meet. */
  readonly blocked: readonly string[];
  /** Names of people whom this person has met, and would rather not meet again. */
  readonly met: readonly string[];
};

/** `longer` has waited longer than `shorter`; `interests` are those of both, in the order in which `longer` has them. */
export type Pair = { longer: string; shorter: string; interests: string[]; met: boolean };

/** A ticket in the queue, made ready for being compared. */
export class Waiting implements Placed {
  readonly id: string;
  readonly since: number;
  /** Counts up. */
  readonly turn: number;
  readonly mode: string;
  readonly interests: readonly string[];
  readonly names: readonly string[];
  /** From this moment on no shared interest is needed (milliseconds). */
  readonly openFrom: number;
  /** From this moment on somebody met before is better than nobody (milliseconds). */
  readonly patientUntil: number;
  readonly #blocked: Lookup;
  readonly #met: Lookup;

  constructor(ticket: Ticket, turn: number, relaxTime: number) {
    this.id = ticket.id;
    this.since = ticket.since;
    this.turn = turn;
    this.mode = ticket.mode;
    this.interests = ticket.interests;
    this.names = ticket.names;
    this.patientUntil = ticket.since + relaxTime;
    this.openFrom = ticket.interests.length > 0 ? this.patientUntil : ticket.since;
    this.#blocked = new Lookup(ticket.blocked);
    this.#met = new Lookup(ticket.met);
  }

  /** Whether either has blocked the other. */
  isBarredFrom(other: Waiting): boolean {
    return this.#blocked.hasAny(other.names) || other.#blocked.hasAny(this.names);
  }

  /** Whether they have met, as far as either still knows. */
  hasMet(other: Waiting): boolean {
    return this.#met.hasAny(other.names) || other.#met.hasAny(this.names);
  }
}

/** Making a set of a list costs about as much as looking through it so many times. */
const LOOKS_FOR_A_SET = 10;

/** A list that is mostly asked once or twice before its ticket is gone, and sometimes very often. */
class Lookup {
  #set: ReadonlySet<string> | undefined;
  #looks = 0;
  readonly #list: readonly string[];

  constructor(list: readonly string[]) {
    this.#list = list;
  }

  hasAny(names: readonly string[]): boolean {
    if (this.#list.length === 0) return false;
    this.#looks += names.length;
    if (this.#looks > LOOKS_FOR_A_SET) this.#set ??= new Set(this.#list);
    const set = this.#set;
    return names.some((name) => (set ? set.has(name) : this.#list.includes(name)));
  }
}
