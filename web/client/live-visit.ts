/** A visit as it really is: what the server says, what the person wants, and the call that there is. */
import { createNanoEvents } from "nanoevents";
import type { ClientMessage, ServerMessage } from "../../protocol/messages.ts";
import type { Call } from "./call.ts";
import { type Connection, Line } from "./line.ts";
import { type MakeCall, Meeting } from "./meeting.ts";
import type { Told } from "./messages.ts";
import { newId } from "./new-id.ts";
import { Outbox } from "./outbox.ts";
import { Proof, type Sign } from "./proof.ts";
import { Rest } from "./rest.ts";
import { type Search, Standing, type Want } from "./standing.ts";
import type { Timing } from "./timing.ts";
import type { Visit, VisitEvents } from "./visit.ts";
import { searchFor, type Wish } from "./wish.ts";

/** What a visit is made of beside the line to the server. */
export type Parts = {
  timing: Timing;
  makeCall: MakeCall;
  /** Tells of `online` and `pagehide`, where there is a page. */
  page: EventTarget | undefined;
};

export class LiveVisit implements Visit {
  hideAddress: boolean;
  readonly #parts: Parts;
  readonly #events = createNanoEvents<VisitEvents>();
  readonly #line: Line;
  readonly #proof: Proof;
  readonly #meeting: Meeting;
  readonly #standing = new Standing();
  readonly #outbox = new Outbox();
  readonly #rest: Rest;
  #lastSearch = searchFor({});
  /** Somebody is wanted, or there. */
  #search: Search | undefined;
  #toldState: Visit["state"] = "idle";
  #listening: AbortController | undefined;

  /** @param url of `/ws`, without a query */
  constructor(url: URL, hideAddress: boolean, parts: Parts) {
    const { timing } = parts;
    this.hideAddress = hideAddress;
    this.#parts = parts;
    this.#proof = new Proof(url.href, timing, {
      say: (auth) => this.#line.say(auth),
      changed: (npub) => this.#events.emit("identity", npub),
    });
    this.#meeting = new Meeting(parts.makeCall, {
      met: (call) => this.#events.emit("call", call),
      over: () => this.#goOn(),
    });
    this.#line = new Line(url, timing, {
      connection: (connection) => this.#turn(connection),
      arrived: (challenge) => this.#arrive(challenge),
      heard: (message) => this.#hear(message),
      isNeeded: () => this.#search !== undefined,
    });
    this.#rest = new Rest(timing, () => this.#goOn());
    this.#listen();
  }

  get connection(): Connection {
    return this.#line.connection;
  }

  get state(): Visit["state"] {
    if (this.call) return "matched";
    return this.#search ? "waiting" : "idle";
  }

  get call(): Call | undefined {
    return this.#meeting.call;
  }

  get npub(): string | null {
    return this.#proof.npub;
  }

  on<E extends keyof VisitEvents>(event: E, listener: VisitEvents[E]): () => void {
    return this.#events.on(event, listener);
  }

  search(wish?: Wish): void {
    if (wish) this.#lastSearch = searchFor(wish);
    this.#search = this.#lastSearch;
    this.#listen();
    this.#line.open();
    this.#meeting.end();
    this.#goOn();
  }

  stop(): void {
    this.#search = undefined;
    this.#meeting.end();
    this.#goOn();
  }

  close(): void {
    this.stop();
    this.#listening?.abort();
    this.#listening = undefined;
    this.#rest.end();
    this.#line.close();
  }

  authenticate(sign: Sign): Promise<string> {
    // A connection's challenge is answered once.
    if (this.#proof.isGiven) this.signOut();
    return this.#proof.prove(sign);
  }

  signOut(): void {
    const isKnown = this.#proof.isGiven;
    this.#proof.forget();
    if (isKnown) this.#line.renew();
  }

  #listen(): void {
    if (this.#listening) return;
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    this.#parts.page?.addEventListener("online", () => this.#line.hurry(), { signal });
    this.#parts.page?.addEventListener("pagehide", () => this.close(), { signal });
  }

  #turn(connection: Connection): void {
    if (connection.is !== "open") this.#proof.pause();
    if (connection.is === "closed") {
      this.#proof.lose();
      this.#part("left");
      // Of what is final the person is told, and decides anew.
      if (connection.why !== "unreachable" && !this.call) this.#search = undefined;
    }
    this.#events.emit("connection", connection);
    this.#goOn();
  }

  /** The server takes this side for somebody new. */
  #arrive(challenge: string): void {
    this.#standing.reset();
    this.#outbox.clear();
    this.#part("left");
    this.#proof.begin(challenge, null);
    this.#goOn();
  }

  #hear(message: ServerMessage): void {
    switch (message.type) {
      case "waiting":
      case "stopped":
        this.#standing.hear(message);
        break;
      case "matched": {
        const isWelcome = this.#standing.isWelcome(message, this.#want);
        this.#standing.hear(message);
        if (isWelcome) this.#meet(message);
        break;
      }
      case "ended":
        this.#standing.hear(message);
        if (message.matchId === this.#meeting.attached?.matchId) this.#part(message.reason);
        break;
      case "resumed":
        this.#resume(message);
        break;
      case "authenticated":
        this.#proof.authenticated(message);
        break;
      case "error":
        this.#refuse(message);
        break;
      case "reported":
      case "signal":
      case "chat":
      case "typing":
      case "app":
      case "peer":
      case "peer-reconnecting":
      case "peer-resumed":
        this.#meeting.hear(message);
        break;
    }
    this.#goOn();
  }

  #meet({ type: _, ...match }: Told<"matched">): void {
    this.#meeting.begin(match, {
      say: (message) => this.#say(message),
      isAttached: () => this.#line.isOpen,
      search: () => this.#search && this.search(),
      hideAddress: this.hideAddress,
      now: () => this.#parts.timing.now(),
      newId,
    });
  }

  /** What a call says, but for `skip`: that it ends is seen when it does, and said in the next step. */
  #say(message: ClientMessage): void {
    if (message.type === "block") {
      this.#standing.block(message.matchId);
      // Of a match that is over already, there is no end to wait for.
      if (message.matchId !== this.call?.matchId) this.#goOn();
    } else if (!this.#line.isOpen) this.#outbox.put(message);
    else if (message.type === "report" || this.#meeting.attached) this.#line.say(message);
  }

  #resume(message: Told<"resumed">): void {
    const { at, match, npub } = message;
    this.#standing.hear(message);
    const call = this.#meeting.attached;
    for (const kept of this.#outbox.take(call && match?.matchId)) this.#line.say(kept);
    if (match && match.matchId === call?.matchId) call.resumed(match);
    else this.#part(at === "idle" && !call?.isUp ? "stopped" : "left");
    this.#proof.begin(this.#line.challenge, npub);
  }

  /** Whoever was stopped decides anew. */
  #part(reason: "skipped" | "stopped" | "left"): void {
    if (reason === "stopped" && this.#meeting.attached) this.#search = undefined;
    this.#meeting.part(reason);
  }

  #refuse({ type: _, ...error }: Told<"error">): void {
    if (this.#proof.refuse(error)) return;
    const wasAsked = this.#standing.refuse(error.code);
    if (error.code === "not-matched" || error.code === "already-matched") return;
    if (error.code === "rate-limited" && wasAsked) this.#rest.begin(error.retryAfter);
    this.#events.emit("refused", error);
  }

  get #want(): Want {
    if (this.#meeting.attached) return { to: "talk" };
    return this.#search && !this.call ? { to: "wait", search: this.#search } : { to: "rest" };
  }

  /** Tells what has become of the visit, and takes the next step towards what is wanted. */
  #goOn(): void {
    const { state } = this;
    if (state !== this.#toldState) {
      this.#toldState = state;
      this.#events.emit("state", state);
    }
    if (!this.#line.isOpen || this.#rest.isOn) return;
    for (let step = this.#standing.next(this.#want); step; step = this.#standing.next(this.#want))
      this.#line.say(step);
  }
}
