/** What a lobby asks of other objects, and of what takes longer than a moment. */
import type { Mode } from "../../protocol/messages.ts";
import type { Directory } from "../directory/directory.ts";
import type { Person } from "../person.ts";
import { readLobbyName } from "../regions.ts";
import { MODERATION, type Name, type Report } from "../rpc.ts";
import type { Seat } from "./seats.ts";

/** Does something for the one at a seat, with everything that goes with it. */
type Do = (seat: Seat, action: (now: number) => void) => void;

export class Outside {
  readonly #ctx: DurableObjectState;
  readonly #env: Env;
  readonly #do: Do;

  constructor(ctx: DurableObjectState, env: Env, toDo: Do) {
    this.#ctx = ctx;
    this.#env = env;
    this.#do = toDo;
  }

  get lobby(): string {
    return this.#ctx.id.name ?? "";
  }

  whereElse(mode: Mode): Promise<string | undefined> {
    return this.#directory(readLobbyName(this.lobby)?.region ?? "").whereElse(this.lobby, mode);
  }

  isBanned(names: Name[]): Promise<boolean> {
    return this.#directory(readLobbyName(this.lobby)?.region ?? "").isBanned(names);
  }

  report(report: Report): Promise<void> {
    return this.#env.MODERATION.getByName(MODERATION).report(report);
  }

  adopt(lobby: string, people: Person[]): Promise<string[]> {
    return this.#env.LOBBY.getByName(lobby).adopt(people);
  }

  /** Should this fail, the directory finds out by itself. */
  release(lease: string, directory: string): void {
    const released = this.#directory(directory).release(lease);
    this.#ctx.waitUntil(released.catch(() => {}));
  }

  /** Does something for the one at a seat as soon as the answer is there, or the question has failed. */
  answered<T>(question: Promise<T>, seat: Seat, done: (answer: T | Error, now: number) => void): void {
    this.#ctx.waitUntil(this.#answer(question, seat, done));
  }

  /** The same, and nothing else happens in the lobby until then. */
  answeredFirst<T>(question: Promise<T>, seat: Seat, done: (answer: T | Error, now: number) => void): void {
    this.#ctx.blockConcurrencyWhile(() => this.#answer(question, seat, done));
  }

  async #answer<T>(question: Promise<T>, seat: Seat, done: (answer: T | Error, now: number) => void) {
    const answer = await question.catch((error: unknown) => {
      console.error("lobby: no answer", error);
      return new Error("no answer");
    });
    this.#do(seat, (now) => done(answer, now));
  }

  #directory(name: string): DurableObjectStub<Directory> {
    return this.#env.DIRECTORY.getByName(name);
  }
}
