/**
 * What happens among the people of a lobby: searching, talking, parting. How they come together is in matchmaker.ts,
 * what it means that somebody is away in absence.ts. No sockets and no clock: what is to be done goes to the host,
 * times are given in milliseconds.
 */
import type {
  ClientMessage,
  EndReason,
  ErrorCode,
  PeerMessage,
  ServerMessage,
} from "../protocol/messages.ts";
import type { Host } from "./host.ts";
import { normalizeInterests } from "./interests.ts";
import { Matchmaker, type Times } from "./matchmaker.ts";
import { People } from "./people.ts";
import { identityOf, namesOf, noteBlock, noteSkip, type Person, type State } from "./person.ts";
import type { Tally } from "./tally.ts";

/** Who somebody is, and whether a socket is theirs, is settled before a message comes here. */
export type RoomMessage = Exclude<ClientMessage, { type: "auth" | "resume" }>;

const NOT_MATCHED = "this is not your match";

export class Room {
  readonly people = new People();
  readonly matchmaker: Matchmaker;
  readonly #host: Host;
  readonly #tally: Tally;
  readonly #rematchWindow: number;
  /** The last that was given out. */
  #turn = 0;

  constructor(times: Times, host: Host, tally: Tally) {
    this.#host = host;
    this.#tally = tally;
    this.#rematchWindow = times.rematchWindow;
    this.matchmaker = new Matchmaker(times, this.people, host, tally);
  }

  /** Takes up where a room with these people stood: who waited longest comes first, skips still count. */
  restore(people: Person[], now: number): void {
    for (const person of people) this.admit(person);
    const waiting = people.flatMap((person) =>
      person.state.at === "waiting" ? [{ person, ...person.state }] : [],
    );
    for (const { person, turn } of waiting.sort((a, b) => a.since - b.since || a.turn - b.turn)) {
      this.#turn = Math.max(this.#turn, turn);
      this.matchmaker.enter(person, now);
    }
  }

  /** Takes somebody in of whom something is known: those whom they skipped, too. */
  admit(person: Person): void {
    this.people.note(person);
    for (const skip of person.skips) this.matchmaker.heed(person, skip);
  }

  /** Does what a person's message asks for. `text` is the message as it came, which is how it is passed on. */
  receive(person: Person, message: RoomMessage, text: string, now: number): void {
    const partner = this.people.partnerOf(person);
    if (partner) this.matchmaker.giveUpSilent([partner], now);
    switch (message.type) {
      case "search":
        this.#search(person, message, now);
        break;
      case "stop":
        this.#stop(person);
        break;
      case "skip":
        this.#skip(person, message, now);
        break;
      case "block":
        this.#block(person, message, now);
        break;
      case "signal":
      case "chat":
      case "typing":
      case "app":
        this.#pass(person, message, text);
        break;
      case "report":
        this.#report(person, message);
        break;
      case "debug-state":
        this.#describe(person);
        break;
    }
  }

  /** The person has proven to be the owner of this key. */
  identify(person: Person, npub: string, now: number): void {
    person.npub = npub;
    this.#host.save(person);
    this.send(person, { type: "authenticated", npub });
    const partner = this.people.partnerOf(person);
    if (partner?.state.at === "matched") {
      this.become(partner, { ...partner.state, partner: identityOf(person) });
      this.send(partner, { type: "peer", matchId: partner.state.matchId, npub });
    }
    this.matchmaker.enter(person, now);
  }

  /** The person is gone for good; a partner hears it and waits again. */
  leave(person: Person, now: number): void {
    const partner = this.part(person, "left");
    this.people.forget(person);
    this.#host.forget(person, now);
    if (partner) this.queue(partner, now);
  }

  /** Puts a person at the end of the queue, who may be matched at once. */
  queue(person: Person, now: number): void {
    this.#turn += 1;
    this.become(person, { at: "waiting", since: now, turn: this.#turn });
    this.send(person, { type: "waiting" });
    this.matchmaker.enter(person, now);
  }

  /** Takes a person out of match and queue, tells the partner why, and returns the partner, now idle. */
  part(person: Person, reason: EndReason): Person | undefined {
    this.matchmaker.pause(person);
    const partner = this.people.partnerOf(person);
    for (const side of [person, partner]) {
      if (side?.state.at !== "matched") continue;
      side.last = { matchId: side.state.matchId, partner: side.state.partner };
      this.become(side, { at: "idle" });
    }
    if (partner?.last) this.send(partner, { type: "ended", matchId: partner.last.matchId, reason });
    return partner;
  }

  become(person: Person, state: State): void {
    person.state = state;
    this.#host.save(person);
  }

  send(person: Person, message: ServerMessage): void {
    this.#host.send(person, JSON.stringify(message));
  }

  refuse(person: Person, code: ErrorCode, message: string): void {
    this.#tally.refused(code);
    this.send(person, { type: "error", code, message });
  }

  #search(person: Person, { mode, interests }: RoomMessage & { type: "search" }, now: number): void {
    if (person.state.at === "matched") {
      this.refuse(person, "already-matched", "skip or stop first");
      return;
    }
    this.#tally.searched(now);
    person.wish = { mode, interests: normalizeInterests(interests) };
    if (person.state.at === "idle") {
      this.queue(person, now);
      return;
    }
    this.#host.save(person);
    this.send(person, { type: "waiting" });
    this.matchmaker.enter(person, now);
  }

  #stop(person: Person): void {
    this.part(person, "stopped");
    this.become(person, { at: "idle" });
    this.send(person, { type: "stopped" });
  }

  /** The partner, who did not ask for it, waits in front of the skipper. */
  #skip(person: Person, { matchId }: { matchId: string }, now: number): void {
    const partner = this.people.partnerOf(person, matchId);
    if (!partner) {
      this.refuse(person, "not-matched", NOT_MATCHED);
      return;
    }
    this.matchmaker.heed(person, noteSkip(person, partner, now, now - this.#rematchWindow));
    this.part(person, "skipped");
    this.queue(partner, now);
    this.queue(person, now);
  }

  /** Of the match before, too: whoever was skipped first may have the better reason. That changes no more than who is met. */
  #block(person: Person, message: { matchId: string }, now: number): void {
    const { state, last } = person;
    if (last?.matchId !== message.matchId) {
      const partner = this.people.partnerOf(person, message.matchId);
      if (partner) noteBlock(person, partner);
      this.#skip(person, message, now);
      return;
    }
    noteBlock(person, last.partner);
    this.#host.save(person);
    if (state.at === "idle") this.send(person, { type: "stopped" });
    if (state.at !== "waiting") return;
    this.send(person, { type: "waiting" });
    this.matchmaker.enter(person, now);
  }

  #pass(person: Person, { type, matchId }: PeerMessage, text: string): void {
    const partner = this.people.partnerOf(person, matchId);
    if (!partner) {
      this.refuse(person, "not-matched", NOT_MATCHED);
      return;
    }
    if (type === "signal") this.#tally.signaled();
    const isPassed = this.#host.send(partner, text) || type === "typing";
    if (!isPassed && !this.#host.keep(partner, matchId, text))
      this.refuse(person, "peer-away", "no more is kept for the other side until they are back");
  }

  #report(person: Person, { matchId, reason }: { matchId: string; reason: string }): void {
    const { state, last } = person;
    const match = state.at === "matched" && state.matchId === matchId ? state : last;
    if (match?.matchId === matchId)
      this.#host.report(person, { matchId, whom: namesOf(match.partner), by: namesOf(person), reason });
    else this.refuse(person, "not-matched", NOT_MATCHED);
  }

  #describe(person: Person): void {
    const queue = [...this.matchmaker.waiting()];
    this.send(person, {
      type: "debug-state",
      state: person.state.at,
      inWaitingQueue: person.state.at === "waiting",
      queuePosition: queue.indexOf(person) + 1,
      waitingQueueSize: queue.length,
      totalUsers: this.people.size - this.people.absent.size,
    });
  }
}
