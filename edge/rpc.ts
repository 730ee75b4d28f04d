/**
 * What the edge's objects ask of one another. Nothing here is called per match, per search or per signal: figures are
 * fetched from a lobby when somebody needs them, not reported, so a lobby that nobody asks about costs nothing.
 *
 * A lobby is named `<region>/<number>`, a directory `<region>`, Moderation `world`.
 */

export const MODES = ["video", "text"] as const;
export type Mode = (typeof MODES)[number];

/** The directory that also knows the other regions, and the only name that Moderation has. */
export const WORLD = "world";

/**
 * What a person is known by where reports and bans are concerned: the pseudonym of the address (64 hex digits), which
 * everybody has, and the npub of who has proven one.
 */
export type Name = string;

/** How busy a lobby is now: `load()`. */
export type Load = {
  sockets: number;
  /** Present people in the queue, by the mode that they want. */
  waiting: Record<Mode, number>;
  /** Matches under way. */
  matches: number;
  /** Over the last few seconds. */
  searchesPerSecond: number;
};

/**
 * What a lobby has counted since it first opened, as well as it remembers: `measures()`.
 * `waits.buckets[i]` counts the matches whose longer waiting side waited at most `WAIT_BUCKETS[i]` seconds.
 */
export type Measures = Load & {
  matchesMade: number;
  waits: { buckets: number[]; count: number; sum: number };
  signals: number;
  /** By reason: the protocol's error codes, and close codes by their names. */
  refusals: Record<string, number>;
};

/** Seconds. */
export const WAIT_BUCKETS = [0.1, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300];

/**
 * `id` is the lease of the connection, opaque, given back with `release(id)` to the directory that gave it.
 * `address` is the pseudonym of whom the address stands for.
 */
export type Admission =
  | { admitted: true; id: string; lobby: string; address: Name }
  | { admitted: false; reason: "rate-limited" | "draining"; retryAfter: number }
  | { admitted: false; reason: "banned" };

/** `whom` and `by` are all names of the two people at that moment. */
export type Report = { matchId: string; whom: Name[]; by: Name[]; reason: string };

export interface LobbyCalls {
  /** Which of these leases are still held here. */
  holding(leases: string[]): string[];
  load(): Load;
  measures(): Measures;
  /** On: says so to everybody here, and makes no new matches; those under way go on. It outlives the lobby's memory. */
  drain(on: boolean): void;
  /** Everybody with one of these names is told that they are banned, and closed. */
  expel(names: Name[]): void;
}

export interface DirectoryCalls {
  /**
   * Admits a connection from an IP address to a lobby, with a lease.
   *
   * @param lobby where a person comes back to: taken, also while it is drained, if it exists (in any region)
   */
  admit(ip: string, lobby?: string): Promise<Admission>;
  /** The connection with this lease is closed. To the directory that gave it. */
  release(lease: string): void;
  /**
   * Where somebody who waits alone in this lobby may find others who want the same; nowhere: `undefined`. If the lobby
   * is drained: any lobby that is not. Asked of the directory of the lobby's own region.
   */
  whereElse(lobby: string, mode: Mode): Promise<string | undefined>;
  /** Whether one of these names is banned: asked when somebody has proven an npub. */
  isBanned(names: Name[]): Promise<boolean>;
}

export interface ModerationCalls {
  /** Keeps a report. Three different people within an hour suspend the accused, who is then expelled everywhere. */
  report(report: Report): Promise<void>;
}
