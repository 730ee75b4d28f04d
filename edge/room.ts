/**
 * What happens among the people of a lobby: searching, meeting, signaling, parting. No sockets and no clock: whom to
 * tell what goes to the outbox, times are given in milliseconds.
 */
import type { ClientMessage, EndReason, ErrorCode, ServerMessage } from "../protocol/messages.ts";
import { Matching, type Pair, type Ticket } from "./matching.ts";
import { type Person, type State, withSkip } from "./person.ts";

export type Outbox = {
  /** Tells a person something, if they are still there. Does not throw. */
  send(id: string, text: string): void;
  /** Keeps what is known of a person where it outlives this object. */
  save(person: Person): void;
};

/** Milliseconds. */
const RELAX_TIME = 5_000;

export class Room {
  readonly #rematchWindow: number;
  readonly #outbox: Outbox;
  readonly #matching: Matching;
  readonly #people = new Map<string, Person>();
  /** The last that was given out. */
  #turn = 0;

  constructor(rematchWindow: number, outbox: Outbox) {
    this.#rematchWindow = rematchWindow;
    this.#outbox = outbox;
    this.#matching = new Matching({ rematchWindow, relaxTime: RELAX_TIME });
  }

  /** From when on `advance` has something to do though nobody says a word; infinity if that is never. */
  get due(): number {
    return this.#matching.due;
  }

  has(id: string): boolean {
    return this.#people.has(id);
  }

  /** Whom something that this person does may concern: who is in the queue, then the other side of a match. */
  around(id: string | undefined): string[] {
    const person = id === undefined ? undefined : this.#people.get(id);
    const partner = person && this.#partner(person);
    return [...this.#matching.waiting, ...(partner ? [partner.id] : [])].filter((other) => other !== id);
  }

  /** Takes up where a room with these people stood: who waited longest comes first, skips still count. */
  restore(people: Person[], now: number): void {
    for (const person of people) this.#people.set(person.id, person);
    const skips = people.flatMap(({ id, skips }) => skips.map((skip) => ({ ...skip, id })));
    for (const { id, partnerId, at } of skips.sort((a, b) => a.at - b.at)) {
      this.#matching.skip(id, partnerId, at);
    }
    const waiting = people.flatMap(({ id, state }) => (state.at === "waiting" ? [{ id, ...state }] : []));
    for (const { id, turn } of waiting.sort((a, b) => a.turn - b.turn)) {
      this.#turn = turn;
      this.#announce(this.#matching.enter(ticket(id, now), now));
    }
    for (const person of people) {
      if (person.state.at !== "matched" || this.#partner(person)) continue;
      this.#end(person, person.state.matchId, "left");
      this.#queue(person, now);
    }
  }

  join(person: Person): void {
    this.#people.set(person.id, person);
    this.#outbox.save(person);
  }

  /** The person is gone; a partner hears it and waits again. */
  leave(id: string, now: number): void {
    const person = this.#people.get(id);
    if (!person) return;
    const partner = this.#part(person, "left");
    this.#become(person, { at: "gone" });
    this.#people.delete(id);
    if (partner) this.#queue(partner, now);
  }

  /** Does what a person's message asks for. `text` is the message as it came, which is how a signal is passed on. */
  receive(id: string, message: ClientMessage, text: string, now: number): void {
    const person = this.#people.get(id);
    if (!person) return;
    switch (message.type) {
      case "search":
        this.#search(person, now);
        break;
      case "signal":
        this.#signal(person, message.matchId, text);
        break;
      case "skip":
        this.#skip(person, message.matchId, now);
        break;
      case "stop":
        this.#stop(person);
        break;
      default:
        this.#refuse(person, "unavailable", "this is not done yet");
    }
  }

  /** Pairs those who may meet by `now`. */
  advance(now: number): void {
    this.#announce(this.#matching.advance(now));
  }

  #search(person: Person, now: number): void {
    if (person.state.at === "matched") this.#refuse(person, "already-matched", "skip or stop first");
    else if (person.state.at === "waiting") this.#send(person, { type: "waiting" });
    else this.#queue(person, now);
  }

  #signal(person: Person, matchId: string, text: string): void {
    const partner = this.#partner(person, matchId);
    if (partner) this.#outbox.send(partner.id, text);
    else this.#refuse(person, "not-matched", "this is not your match");
  }

  /** The partner, who did not ask for it, waits in front of the skipper. */
  #skip(person: Person, matchId: string, now: number): void {
    const partner = this.#partner(person, matchId);
    if (!partner) {
      this.#refuse(person, "not-matched", "this is not your match");
      return;
    }
    person.skips = withSkip(person.skips, { partnerId: partner.id, at: now }, now - this.#rematchWindow);
    this.#matching.skip(person.id, partner.id, now);
    this.#part(person, "skipped");
    this.#queue(partner, now);
    this.#queue(person, now);
  }

  #stop(person: Person): void {
    this.#part(person, "stopped");
    this.#become(person, { at: "idle" });
    this.#send(person, { type: "stopped" });
  }

  /** Puts a person in the queue, who may be matched at once. */
  #queue(person: Person, now: number): void {
    this.#turn += 1;
    this.#become(person, { at: "waiting", turn: this.#turn });
    this.#send(person, { type: "waiting" });
    this.#announce(this.#matching.enter(ticket(person.id, now), now));
  }

  #announce(pairs: Pair[]): void {
    for (const { longer, shorter } of pairs) {
      const first = this.#people.get(longer);
      const second = this.#people.get(shorter);
      if (!first || !second) continue;
      const matchId = crypto.randomUUID();
      this.#become(first, { at: "matched", matchId, role: "impolite", partnerId: shorter });
      this.#become(second, { at: "matched", matchId, role: "polite", partnerId: longer });
      const met = { mode: "video", interests: [], peer: { npub: null, met: false }, iceServers: [] } as const;
      this.#send(first, { type: "matched", matchId, role: "impolite", ...met, interests: [], iceServers: [] });
      this.#send(second, { type: "matched", matchId, role: "polite", ...met, interests: [], iceServers: [] });
    }
  }

  /** Takes a person out of match and queue, tells the partner why, and returns the partner, now idle. */
  #part(person: Person, reason: EndReason): Person | undefined {
    this.#matching.leave(person.id);
    const partner = this.#partner(person);
    if (partner?.state.at !== "matched") return undefined;
    this.#end(partner, partner.state.matchId, reason);
    return partner;
  }

  #end(person: Person, matchId: string, reason: EndReason): void {
    this.#become(person, { at: "idle" });
    this.#send(person, { type: "ended", matchId, reason });
  }

  /** The other side of the person's match, if both sides agree on it, and it is `matchId` where that is given. */
  #partner({ state }: Person, matchId?: string): Person | undefined {
    if (state.at !== "matched" || (matchId !== undefined && state.matchId !== matchId)) return undefined;
    const partner = this.#people.get(state.partnerId);
    return partner?.state.at === "matched" && partner.state.matchId === state.matchId ? partner : undefined;
  }

  #become(person: Person, state: State): void {
    person.state = state;
    this.#outbox.save(person);
  }

  #refuse(person: Person, code: ErrorCode, message: string): void {
    this.#send(person, { type: "error", code, message });
  }

  #send(person: Person, message: ServerMessage): void {
    this.#outbox.send(person.id, JSON.stringify(message));
  }
}

const ticket = (id: string, since: number): Ticket => ({
  id,
  since,
  mode: "video",
  interests: [],
  names: [id],
  blocked: [],
  met: [],
});
