import type { IceServer } from "../protocol/messages.ts";
import type { Person } from "./person.ts";
import type { Report } from "./rpc.ts";

/** What a lobby does for its room. Nothing here throws. Times are in milliseconds. */
export type Host = {
  /** Tells somebody something; `false`: they are not here, or not any more. */
  send(person: Person, text: string): boolean;
  /** Keeps something for somebody who is not here; `false`: as much is kept as is kept at all. */
  keep(person: Person, matchId: string, text: string): boolean;
  /** What was kept for somebody in this match, in order; nothing is kept any more. */
  takeKept(person: Person, matchId: string | undefined): string[];
  /** Keeps what is known of somebody where it outlives this object. */
  save(person: Person): void;
  /** Somebody is gone for good: what was kept of and for them goes, and their tokens are spent. */
  forget(person: Person, now: number): void;
  /** Whether there was a sign of somebody lately. */
  isHeard(person: Person, now: number): boolean;
  /** Takes somebody who is silent to be away. */
  giveUp(person: Person, now: number): void;
  report(by: Person, report: Report): void;
  iceServers(person: Person, now: number): IceServer[];
};
