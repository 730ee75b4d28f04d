/**
 * Where the server says this side is, and what has to be said to get to where it wants to be. One question at a time:
 * what is wanted may change while a connection is being restored, or while an answer is on its way, and then only the
 * last wish counts. So nothing is ever asked of a match that is over.
 */
import type { Said, Told } from "./messages.ts";

export type Search = Said<"search">;
type Move = Said<"search" | "skip" | "block" | "stop">;

/** `talk`: in the match that there is. */
export type Want = { to: "rest" } | { to: "talk" } | { to: "wait"; search: Search };

type Place = { at: "idle" } | { at: "waiting" } | { at: "matched"; matchId: string };

/** What answers each of them; `not-matched` besides. */
const ANSWERS = { search: "waiting", skip: "waiting", block: "waiting", stop: "stopped" } as const;

export class Standing {
  #place: Place = { at: "idle" };
  /** The wish as the server knows it. */
  #search: Search | undefined;
  #asked: Move | undefined;
  /** The match whose other side is still to be blocked. */
  #unblocked: string | undefined;

  get matchId(): string | undefined {
    return this.#place.at === "matched" ? this.#place.matchId : undefined;
  }

  /** Somebody new to the server. */
  reset(): void {
    this.#place = { at: "idle" };
    this.#search = undefined;
    this.#asked = undefined;
    this.#unblocked = undefined;
  }

  /** Who was met in this match is not to be met again, which is said with the next step, or as one. */
  block(matchId: string): void {
    this.#unblocked = matchId;
  }

  /** Whether a match is what was wished for. One that has crossed a `stop` is over already. */
  isWelcome(match: Told<"matched">, want: Want): boolean {
    return want.to === "wait" && this.#asked?.type !== "stop" && want.search.mode === match.mode;
  }

  /** What the server says of where this side is. */
  hear(message: Told<"waiting" | "stopped" | "matched" | "ended" | "resumed">): void {
    switch (message.type) {
      case "matched":
        this.#place = { at: "matched", matchId: message.matchId };
        return;
      case "ended":
        if (message.matchId === this.matchId)
          this.#place = { at: message.reason === "stopped" ? "idle" : "waiting" };
        return;
      case "resumed":
        this.lose();
        this.#place = message.match
          ? { at: "matched", matchId: message.match.matchId }
          : { at: message.at === "waiting" ? "waiting" : "idle" };
        return;
      default:
        this.#place = { at: message.type === "waiting" ? "waiting" : "idle" };
        if (this.#asked && ANSWERS[this.#asked.type] === message.type) this.#asked = undefined;
    }
  }

  /** What was asked, if anything was, is not done. Returns whether something was. */
  refuse(code: Told<"error">["code"]): boolean {
    const asked = this.#asked;
    if (code === "rate-limited") this.lose();
    else this.#asked = undefined;
    const named = asked && "matchId" in asked ? asked.matchId : undefined;
    if (code === "not-matched" && named !== undefined && named === this.matchId) this.#place = { at: "idle" };
    return asked !== undefined;
  }

  /** What was asked may never have been heard. */
  lose(): void {
    if (this.#asked?.type === "block") this.#unblocked = this.#asked.matchId;
    this.#asked = undefined;
  }

  /** The next thing to say on the way to what is wanted; undefined: nothing, or not before there is an answer. */
  next(want: Want): Move | undefined {
    if (this.#asked) return undefined;
    const unblocked = this.#unblocked;
    this.#unblocked = undefined;
    // Of the match before, a block changes nothing, and may have no answer.
    if (unblocked !== undefined && unblocked !== this.matchId) return { type: "block", matchId: unblocked };
    this.#asked = unblocked === undefined ? this.#step(want) : { type: "block", matchId: unblocked };
    if (this.#asked?.type === "search") this.#search = this.#asked;
    return this.#asked;
  }

  #step(want: Want): Move | undefined {
    const place = this.#place;
    if (want.to === "rest") return place.at === "idle" ? undefined : { type: "stop" };
    if (want.to === "talk") return undefined;
    if (place.at === "idle") return want.search;
    if (place.at === "waiting") return isSame(want.search, this.#search) ? undefined : want.search;
    // Whoever waits again after a skip does so with the old wish, and may be matched by it at once.
    if (want.search.mode !== this.#search?.mode) return { type: "stop" };
    return { type: "skip", matchId: place.matchId };
  }
}

const isSame = (one: Search, other: Search | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
