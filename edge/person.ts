/**
 * What the lobby knows of one person. It stands in the attachment of their socket, or in a row while they are away, and,
 * sealed, in the token that they come back with: so it outlives the lobby's memory.
 */
import type { Mode, Role } from "../protocol/messages.ts";
import type { Ticket } from "./matching.ts";

/** What somebody is known by. */
export type Identity = {
  /** Names the session. Told to nobody else. */
  id: string;
  /** The pseudonym of where they come from. */
  address: string;
  /** Whom they have proven to be. */
  npub: string | null;
};

export type Person = Identity & {
  /** Names the session in its tokens: each connection brings a new one, and what went before is spent. */
  key: string;
  /** `null` while they are here; else until when their place is kept (milliseconds). */
  absentUntil: number | null;
  state: State;
  /** What they searched for last. */
  wish: Wish;
  /** Whom this person skipped, and when: those that still matter, latest last. */
  skips: Skip[];
  /** Marks of people whom this person is never to meet, latest last. */
  blocked: string[];
  /** Marks of people whom this person has met, latest last. */
  met: string[];
  /** The match before. */
  last: { matchId: string; partner: Identity } | null;
};

export type Wish = { mode: Mode; interests: string[] };

export type State =
  | { at: "idle" }
  /** `since` in milliseconds. `turn` counts up: of those who came at once, who has the lower came first. */
  | { at: "waiting"; since: number; turn: number }
  | Matched;

export type Matched = {
  at: "matched";
  matchId: string;
  /** Milliseconds. */
  since: number;
  role: Role;
  /** Those that both named. */
  interests: string[];
  /** Whether the two have met before. */
  hasMet: boolean;
  partner: Identity;
};

/** `at` in milliseconds. */
export type Skip = [at: number, ...marks: string[]];

/** An attachment holds 16,384 bytes. More skips than these are not made within a minute. */
const MAX_SKIPS = 150;
const MAX_BLOCKED = 64;
const MAX_MET = 64;
/** Characters of a name that tell it from all others: 80 bits of an id or an address, 75 of an npub. */
const MARK_LENGTH = 20;

export const newcomer = (id: string, key: string, address: string): Person => ({
  id,
  key,
  address,
  npub: null,
  absentUntil: null,
  state: { at: "idle" },
  wish: { mode: "video", interests: [] },
  skips: [],
  blocked: [],
  met: [],
  last: null,
});

export const identityOf = ({ id, address, npub }: Identity): Identity => ({ id, address, npub });

/** By which reports and bans know somebody. */
export const namesOf = ({ address, npub }: Identity): string[] =>
  npub === null ? [address] : [address, npub];

const markOf = (name: string): string => name.slice(0, MARK_LENGTH);

/** By what others in a lobby know somebody: the beginnings of their names, as an attachment has to hold many. */
export const marksOf = (person: Identity): string[] => [person.id, ...namesOf(person)].map(markOf);

export const ticketOf = (person: Person, since: number): Ticket => ({
  id: person.id,
  since,
  ...person.wish,
  names: marksOf(person),
  // Nobody is to meet themselves, in another tab.
  blocked: person.npub === null ? person.blocked : [...person.blocked, markOf(person.npub)],
  met: person.met,
});

/** Adds a skip at `now`, which is returned, and drops those that began before `since`. */
export function noteSkip(person: Person, partner: Identity, now: number, since: number): Skip {
  const skip: Skip = [now, ...tellingMarks(person, partner)];
  person.skips = [...person.skips.filter(([at]) => at > since), skip].slice(-MAX_SKIPS);
  return skip;
}

export function noteBlock(person: Person, partner: Identity): void {
  person.blocked = latest([...person.blocked, ...tellingMarks(person, partner)], MAX_BLOCKED);
}

export function noteMeeting(person: Person, partner: Identity): void {
  person.met = latest([...person.met, ...tellingMarks(person, partner)], MAX_MET);
}

/**
 * By what a person knows another again who comes back: by key and address, which a session does not change; but not by
 * an address that is the person's own, as both may sit behind one router.
 */
function tellingMarks(person: Person, { id, address, npub }: Identity): string[] {
  const names = [address === person.address ? id : address, npub ?? []].flat();
  return names.map(markOf);
}

/** The last so many, each once, where it stands last. */
const latest = (marks: string[], count: number): string[] =>
  [...new Set(marks.toReversed())].slice(0, count).reverse();

/** The other side of somebody's match, as far as they know it: away, with its place kept until then. */
export const absentPartner = (person: Person, match: Matched, until: number): Person => ({
  ...newcomer(match.partner.id, "", match.partner.address),
  npub: match.partner.npub,
  absentUntil: until,
  wish: person.wish,
  state: {
    ...match,
    role: match.role === "polite" ? "impolite" : "polite",
    partner: identityOf(person),
  },
});
