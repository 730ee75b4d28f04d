/** Everybody of a lobby, here or away, found by what they are known by. */
import type { Person } from "./person.ts";

export class People {
  readonly #byId = new Map<string, Person>();
  readonly #idsByKey = new Map<string, string>();
  readonly #absent = new Set<Person>();

  get all(): Iterable<Person> {
    return this.#byId.values();
  }

  get absent(): ReadonlySet<Person> {
    return this.#absent;
  }

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): Person | undefined {
    return this.#byId.get(id);
  }

  byKey(key: string): Person | undefined {
    return this.#byId.get(this.#idsByKey.get(key) ?? "");
  }

  /** Notes somebody new, or what has changed of them: their key, or whether they are here. */
  note(person: Person, { formerKey = "" } = {}): void {
    this.#byId.set(person.id, person);
    this.#idsByKey.delete(formerKey);
    if (person.key !== "") this.#idsByKey.set(person.key, person.id);
    if (person.absentUntil === null) this.#absent.delete(person);
    else this.#absent.add(person);
  }

  forget(person: Person): void {
    this.#byId.delete(person.id);
    this.#idsByKey.delete(person.key);
    this.#absent.delete(person);
  }

  /** The other side of the person's match, if both sides agree on it, and it is `matchId` where that is given. */
  partnerOf({ state }: Person, matchId?: string): Person | undefined {
    if (state.at !== "matched" || (matchId !== undefined && state.matchId !== matchId)) return undefined;
    const partner = this.#byId.get(state.partner.id);
    return partner?.state.at === "matched" && partner.state.matchId === state.matchId ? partner : undefined;
  }
}
