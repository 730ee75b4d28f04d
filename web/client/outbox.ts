/** What a call has to say while there is no connection to the server. */
import type { ClientMessage } from "../../protocol/messages.ts";
import type { Said } from "./messages.ts";

/** As much as the server keeps for somebody who is away. */
const MOST = 64;

type Kept = Said<"signal" | "chat" | "app" | "report">;

export class Outbox {
  #kept: Kept[] = [];

  /** What is of the moment only (typing), and what is too much, is dropped. */
  put(message: ClientMessage): void {
    if (isKept(message) && this.#kept.length < MOST) this.#kept.push(message);
  }

  clear(): void {
    this.#kept = [];
  }

  /** What is still to be said, in order, in this match or in none. A report may be of the match before. */
  take(matchId: string | undefined): Kept[] {
    const kept = this.#kept;
    this.clear();
    return kept.filter((message) => message.matchId === matchId || message.type === "report");
  }
}

const isKept = (message: ClientMessage): message is Kept =>
  ["signal", "chat", "app", "report"].includes(message.type);
