/** What the lobby knows of one person. All of it stands in the socket's attachment, so it outlives the lobby's memory. */
import type { Role } from "../protocol/messages.ts";

export type Person = {
  /** Names the socket, and its lease in the directory. Told to nobody outside. */
  id: string;
  /** The directory that admitted this person, and is told when they go. */
  directory: string;
  /** The pseudonym of whom their address stands for. */
  address: string;
  /** When they came (milliseconds). */
  since: number;
  state: State;
  /** Whom this person skipped, and when (milliseconds): those that still matter, latest last. */
  skips: Skip[];
};

export type State =
  | { at: "idle" }
  /** `turn` counts up: who has the lowest has waited longest. */
  | { at: "waiting"; turn: number }
  | { at: "matched"; matchId: string; role: Role; partnerId: string }
  | { at: "gone" };

export type Skip = { partnerId: string; at: number };

/** An attachment holds 16,384 bytes; a skip takes about 60. */
const MAX_SKIPS = 200;

/** The list with a skip added and those dropped that began before `since`. */
export const withSkip = (skips: Skip[], skip: Skip, since: number): Skip[] =>
  [...skips.filter(({ at }) => at > since), skip].slice(-MAX_SKIPS);
