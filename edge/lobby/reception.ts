/** Comings and goings: who sits at a socket, who they prove to be, and how they leave. Times are in milliseconds. */
import { npubEncode } from "nostr-tools/nip19";
import { CloseCode } from "../../protocol/close-codes.ts";
import { HEARTBEAT, PROTOCOL_VERSION, type ServerMessage } from "../../protocol/messages.ts";
import type { NostrEvent } from "../../protocol/nostr.ts";
import type { Absence } from "../absence.ts";
import type { Refusal } from "../conduct.ts";
import { namesOf, type Person } from "../person.ts";
import { flawOf } from "../proof.ts";
import type { Room } from "../room.ts";
import type { Name, Report } from "../rpc.ts";
import type { Tally } from "../tally.ts";
import type { Outside } from "./outside.ts";
import type { Seat, Seats } from "./seats.ts";
import type { Sessions } from "./sessions.ts";
import type { Tokens } from "./tokens.ts";

/** With these codes a client says goodbye; any other end is a drop, after which the place is kept. */
const GOODBYES = [1000, 1005];

/** Seconds over which clients are asked to spread their return, by how many there are. */
const RETURNS_PER_SECOND = 200;
const MAX_JITTER = 15;

type Parts = {
  seats: Seats;
  room: Room;
  absence: Absence;
  sessions: Sessions;
  tokens: Tokens;
  tally: Tally;
  outside: Outside;
  resumeWindow: number;
};

export class Reception {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  welcome(seat: Seat, person: Person, lobby: string): void {
    const { seats, room, resumeWindow } = this.#parts;
    seats.give(seat, person);
    room.people.note(person);
    const jitter = Math.min(MAX_JITTER, Math.ceil(seats.size / RETURNS_PER_SECOND));
    this.#tell(seat, {
      type: "welcome",
      version: PROTOCOL_VERSION,
      challenge: seat.about.challenge ?? "",
      heartbeatSeconds: HEARTBEAT.seconds,
      lobby,
      resumeSeconds: resumeWindow / 1_000,
      reconnectJitterSeconds: jitter,
    });
    room.become(person, person.state);
  }

  hear(seat: Seat, frame: string | ArrayBuffer, now: number): void {
    const heard = seat.conduct.hear(frame, now);
    if ("error" in heard) this.#refuse(seat, heard, now);
    const all = "error" in heard ? [] : seat.read(heard.text, now);
    for (const said of all) {
      if (!seat.about.person) return;
      if ("answer" in said) seat.put([said.answer]);
      else if ("bad" in said) this.#refuse(seat, seat.conduct.bad(said.bad), now);
      else if ("error" in said) this.#refuse(seat, said, now);
      else if ("leaves" in said) this.dismiss(seat, CloseCode.goingAway, "goodbye", now);
      else this.#understand(seat, seat.about.person, said, now);
    }
  }

  #understand(
    seat: Seat,
    person: Person,
    { value, text }: { value: unknown; text: string },
    now: number,
  ): void {
    const understood = seat.conduct.understand(value, now);
    if ("error" in understood) this.#refuse(seat, understood, now);
    else if (understood.message.type === "resume") this.#resume(seat, understood.message.token);
    else if (understood.message.type === "auth") this.#authenticate(seat, understood.message.event, now);
    else this.#parts.room.receive(person, understood.message, text, now);
  }

  /** The socket is gone, for this reason. */
  farewell(seat: Seat, code: number, now: number): void {
    const { seats, room, absence } = this.#parts;
    seats.remove(seat);
    const person = seats.clear(seat);
    if (!person) return;
    if (GOODBYES.includes(code)) room.leave(person, now);
    else absence.begin(person, now);
  }

  /** Ends a connection from this side, and keeps the place. */
  drop(seat: Seat, code: CloseCode, reason: string, now: number): void {
    const person = this.#parts.seats.clear(seat);
    if (person) this.#parts.absence.begin(person, now);
    seat.close(code, reason);
  }

  /** Ends a connection from this side, and what there was. */
  dismiss(seat: Seat, code: CloseCode, reason: string, now: number): void {
    const person = this.#parts.seats.clear(seat);
    if (person) this.#parts.room.leave(person, now);
    seat.close(code, reason);
  }

  /** The person's place is kept in another lobby, for who comes there with this token. */
  sendOn(person: Person, lobby: string, token: string, now: number): void {
    const { seats, sessions } = this.#parts;
    const seat = seats.of(person);
    if (!seat) return;
    sessions.spend(person.key, now);
    this.#tell(seat, { type: "move", lobby, token });
    this.dismiss(seat, CloseCode.moved, "your place is kept in another lobby", now);
  }

  /** The person is to come back as anybody does. */
  sendAway(person: Person, now: number): void {
    const seat = this.#parts.seats.of(person);
    if (seat) this.dismiss(seat, CloseCode.goingAway, "come back", now);
  }

  /** Whoever has one of these names goes, and does not come back with a token. */
  expel(names: Name[], now: number): void {
    const { room, seats, sessions } = this.#parts;
    for (const person of [...room.people.all]) {
      if (!namesOf(person).some((name) => names.includes(name))) continue;
      if (person.key !== "") sessions.spend(person.key, now);
      const seat = seats.of(person);
      if (seat) this.#ban(seat, now);
      else room.leave(person, now);
    }
  }

  report(by: Person, report: Report): void {
    const { seats, outside, room } = this.#parts;
    const seat = seats.of(by);
    if (!seat) return;
    outside.answered(outside.report(report), seat, (answer) => {
      if (answer instanceof Error) room.refuse(by, "unavailable", "the report was not taken: try again");
      else room.send(by, { type: "reported", matchId: report.matchId });
    });
  }

  /** A challenge is answered once; if the answer cannot be looked into now, it may be given again. */
  #authenticate(seat: Seat, event: NostrEvent, now: number): void {
    const { outside, room } = this.#parts;
    const { challenge, host, person } = seat.about;
    if (!person) return;
    const question = challenge === null ? undefined : { host, challenge };
    const flaw = question ? flawOf(event, question, now) : "the challenge was answered before";
    if (flaw !== undefined) {
      room.refuse(person, "auth-failed", flaw);
      return;
    }
    const npub = npubEncode(event.pubkey);
    this.#note(seat, person, null);
    outside.answered(outside.isBanned([npub]), seat, (answer, then) => {
      const { person } = seat.about;
      if (!person) return;
      if (answer === true) return this.#ban(seat, then);
      if (answer === false) return room.identify(person, npub, then);
      this.#note(seat, person, challenge);
      room.refuse(person, "unavailable", "this cannot be looked into now: try again");
    });
  }

  #note(seat: Seat, person: Person, challenge: string | null): void {
    seat.about.challenge = challenge;
    this.#parts.room.become(person, person.state);
  }

  #resume(seat: Seat, token: string): void {
    const { outside, tokens, room, absence } = this.#parts;
    outside.answeredFirst(tokens.read(token), seat, (content, now) => {
      const guest = seat.about.person;
      if (!guest) return;
      const isFresh = guest.state.at === "idle" && guest.last === null;
      if (!isFresh) return room.refuse(guest, "resume-failed", "say this first");
      const person =
        content && !(content instanceof Error) ? tokens.find(content, room, absence, now) : undefined;
      if (!person || person === guest)
        return room.refuse(guest, "resume-failed", "nobody is here by this token");
      this.#takeUp(seat, guest, person, now);
    });
  }

  /** The person takes the seat of the guest, and goes by the tokens of this connection from now on. */
  #takeUp(seat: Seat, guest: Person, person: Person, now: number): void {
    const { seats, sessions, room, absence } = this.#parts;
    const former = seats.of(person);
    if (former) {
      seats.clear(former);
      former.close(CloseCode.replaced, "resumed on another connection");
    }
    const { key: formerKey } = person;
    sessions.spend(formerKey, now);
    room.people.forget(guest);
    person.key = guest.key;
    room.people.note(person, { formerKey });
    seats.give(seat, person);
    absence.end(person, now);
    if (guest.npub !== null) room.identify(person, guest.npub, now);
  }

  #refuse(seat: Seat, { error, close }: Refusal, now: number): void {
    this.#parts.tally.refused(error.code);
    this.#tell(seat, { type: "error", ...error });
    if (close) this.dismiss(seat, close, error.message, now);
  }

  #ban(seat: Seat, now: number): void {
    this.#tell(seat, { type: "error", code: "banned", message: "banned" });
    this.dismiss(seat, CloseCode.banned, "banned", now);
  }

  #tell(seat: Seat, message: ServerMessage): void {
    seat.send(JSON.stringify(message));
  }
}
