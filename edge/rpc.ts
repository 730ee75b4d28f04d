/**
 * What the edge's objects ask of one another. Nothing here is called per match, per search or per signal: figures are
 * fetched from a lobby when somebody needs them, not reported, so a lobby that nobody asks about costs nothing.
 *
 * A directory is named by its region, a lobby `<region>/<number>`, Moderation `world`.
 */
import type { Mode } from "../protocol/client-messages.ts";
import type { Presence } from "../protocol/http-answers.ts";
import type { Person } from "./person.ts";

/** The one object of its class. */
export const MODERATION = "world";

/**
 * What a person is known by where reports and bans are concerned: the pseudonym of the address (64 hex digits), which
 * everybody has, and the npub of who has proven one.
 */
export type Name = string;

/** How busy a lobby is now. */
export type Load = {
  sockets: number;
  /** People whose socket is gone, and whose place is kept. */
  absent: number;
  /** Present people in the queue, by the mode that they want. */
  waiting: Record<Mode, number>;
  /** Matches under way. */
  matches: number;
  /** Over the last few seconds. */
  searchesPerSecond: number;
};

/** What a lobby has counted since it first opened, as well as it remembers. */
export type Measures = Load & {
  matchesMade: number;
  /** `buckets[i]` of `count` matches, whose waits took `sum` seconds, came within `WAIT_BUCKETS[i]` seconds. */
  waits: { buckets: number[]; count: number; sum: number };
  signals: number;
  /** By reason: the protocol's error codes. */
  refusals: Record<string, number>;
  /** When the lobby came into memory (milliseconds). */
  awakeSince: number;
};

/** Seconds. */
export const WAIT_BUCKETS = [0.1, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300];

/** `lease` names the connection, in its lobby too; `address` is the pseudonym of whom the address stands for. */
export type Admission = { admitted: true; lease: string; lobby: string; address: Name } | Refusal;

/** `retryAfter` in seconds. */
export type Refusal =
  | { admitted: false; reason: "too-many-connections" | "draining"; retryAfter: number }
  | { admitted: false; reason: "banned" };

/** `whom` and `by` are all names of the two people at that moment. */
export type Report = { matchId: string; whom: Name[]; by: Name[]; reason: string };

/**
 * What Moderation tells a directory: the secret of the pseudonyms (hex), all regions that have a directory, the bans
 * that changed since the version that the directory knows (`until` in milliseconds, infinity for good, 0 lifted).
 */
export type News = {
  secret: string;
  regions: string[];
  version: number;
  bans: { name: Name; until: number }[];
};

/** A lobby as others than its directory see it. */
export type LobbyFigures = {
  lobby: string;
  state: "open" | "closing" | "drained";
  isFull: boolean;
  load: Load;
};

export interface LobbyCalls {
  /** Keeps places for people who are on the way here from another lobby: the tokens with which they come to them. */
  adopt(people: Person[]): Promise<string[]>;
  /** Which of these leases have a socket here. */
  holding(leases: string[]): string[];
  /** All leases from this directory that have a socket here, with the load. */
  census(directory: string): { leases: string[]; load: Load };
  load(): Load;
  measures(): Measures;
  /** On: says so to everybody here, and makes no new matches; those under way go on. It outlives the lobby's memory. */
  drain(on: boolean): void;
  /** Everybody with one of these names is told that they are banned, and closed. */
  expel(names: Name[]): void;
}

export interface DirectoryCalls {
  /**
   * Admits a connection from an IP address to a lobby.
   *
   * @param wish where a person comes back to: taken, also while it is drained, if it exists (in whatever region)
   */
  admit(ip: string, wish?: string): Promise<Admission>;
  /** The connection with this lease is closed. Of the directory that gave it; should it fail, nothing is lost. */
  release(lease: string): void;
  /**
   * Where somebody who waits alone in this lobby finds others who want the same mode; nowhere: `undefined`. From a
   * lobby that is drained: to any other. Asked of the directory of the lobby's own region.
   */
  whereElse(lobby: string, mode: Mode): Promise<string | undefined>;
  /** Whether one of these names is banned: asked when somebody has proven an npub. */
  isBanned(names: Name[]): Promise<boolean>;
}

/** Between directories, and for Moderation and the operator. */
export interface DirectoryAffairs {
  /** The lobbies of this region, a few seconds old at most. */
  lobbies(): Promise<LobbyFigures[]>;
  /** Whether somebody from another region may come back to this lobby of this one. */
  takes(lobby: string): boolean;
  /** There are news in Moderation. */
  update(): Promise<void>;
  /** All regions together, a few seconds old at most. */
  presence(): Promise<Presence>;
  measures(): Promise<RegionMeasures>;
  /** The whole region, or one lobby of it; `false`: there is no such lobby. */
  drain(on: boolean, lobby?: string): Promise<boolean>;
}

/** Since the directory last came into memory: how many were let in, and turned away by reason. */
export type RegionMeasures = {
  admitted: number;
  refused: Record<string, number>;
  lobbies: { lobby: string; measures: Measures }[];
};

export interface ModerationCalls {
  /** Keeps a report. Three different people within an hour suspend the accused, who is then expelled everywhere. */
  report(report: Report): Promise<void>;
  /** What changed since `version`, for the directory of this region, which is told of later news from now on. */
  news(region: string, version: number): News;
  /** All that have a directory. */
  regions(): string[];
}
