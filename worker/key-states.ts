/**
 * Keys as a scan sees them. Postgres adds the tokens up, so that only keys with live ones travel; and a page
 * travels as one text, because the driver's work on a row and column costs more than all that is done with it.
 */
import { LRUCache } from "lru-cache";
import { Prisma } from "./db/generated/client.ts";
import type { Database } from "./db/open.ts";
import { parseGrantDocument } from "./grant.ts";
import { MOST_NAMED } from "./log.ts";

export interface KeyState {
  npub: string;
  /** How many tokens it has that have neither expired nor been revoked, and when the last one expires. */
  tokens: number;
  expiry: number;
  /** How many tokens besides have a document that does not validate, and so count for nothing. */
  invalid: number;
  /** Where clients of these tokens listen besides, and whether one still waits to be greeted. */
  relays: string[];
  greet: boolean;
}

/** A part of the table, in the order of npubs. */
export interface KeyPage {
  /** How many keys there are in it, and the last of them. */
  keys: number;
  last: string;
  /** Those that have live tokens, valid or not. */
  states: KeyState[];
  /** The others, if all together are few enough to be named. */
  idle: string[];
}

/** Parts of the key space, each as the first 6 characters of its npubs (`npub1` and one more). */
export type Shards = readonly string[];

/** What of the key space is still to be read, in the order of the database, whatever its collation. */
export interface Part {
  half: "both" | "lower" | "upper";
  /** Only what is greater. */
  after: string;
}

/** Of the 32 characters that may follow `npub1` half come before the `j`. */
const MIDDLE = "npub1j";
const HALVES = {
  both: Prisma.sql`true`,
  lower: Prisma.sql`npub <= ${MIDDLE}`,
  upper: Prisma.sql`npub > ${MIDDLE}`,
};

export interface PageOptions {
  part: Part;
  /** Keys of a page, at most. */
  size: number;
  shards: Shards | undefined;
  /** Milliseconds since 1970. */
  now: number;
}

/** The first keys of a part, in order, and of these shards only where any are given. */
export const readPage = (
  bulk: Database["bulk"],
  { part: { half, after }, size, shards, now }: PageOptions,
): Promise<KeyPage> => {
  const isAsked = shards ? Prisma.sql`left(npub, 6) = ANY(${shards})` : Prisma.sql`true`;
  const within = Prisma.sql`npub > ${after} AND ${HALVES[half]} AND ${isAsked}`;
  return read(
    bulk,
    Prisma.sql`${within} ORDER BY npub LIMIT ${size}`,
    // As a range, so that the index of tokens is read in one go.
    Prisma.sql`${within} AND npub <= (SELECT max(npub) FROM page)`,
    now,
  );
};

/** The same of these keys; one that does not exist is left out. */
export const readSome = (bulk: Database["bulk"], npubs: string[], now: number): Promise<KeyPage> => {
  const within = Prisma.sql`npub = ANY(${npubs})`;
  return read(bulk, within, within, now);
};

/** Tokens of a key that have the same document and relays, as Postgres has added them up. */
type LiveTokens = [
  npub: string,
  tokens: number,
  expiry: number,
  greet: boolean,
  relays: string[],
  document: string | null,
];

const read = async (
  bulk: Database["bulk"],
  keys: Prisma.Sql,
  tokens: Prisma.Sql,
  now: number,
): Promise<KeyPage> => {
  const [page] = await bulk<{ keys: number; last: string; live: string; idle: string[] }>(Prisma.sql`
    WITH page AS (
      SELECT npub FROM "Keys" WHERE ${keys}
    ), live AS (
      SELECT npub, count(*) AS tokens, max(expiry) AS expiry, bool_or(greeting IS NOT NULL) AS greet,
        coalesce(relays, '{}') AS relays, nullif("jsonData", '{}')::text AS document
      FROM "ConnectTokens" WHERE ${tokens} AND expiry > ${now} AND revoked IS NULL
      GROUP BY npub, relays, "jsonData"
    )
    SELECT (SELECT count(*)::int FROM page) AS keys, (SELECT coalesce(max(npub), '') FROM page) AS last,
      (SELECT coalesce(json_agg(json_build_array(npub, tokens, expiry, greet, relays, document)), '[]')::text
        FROM live JOIN page USING (npub)) AS live,
      CASE WHEN (SELECT count(*) FROM page) > ${MOST_NAMED} THEN ARRAY[]::text[]
        ELSE ARRAY(SELECT npub FROM page EXCEPT SELECT npub FROM live) END AS idle`);
  if (!page) throw new Error("a query without rows");
  return { ...page, states: statesOf(JSON.parse(page.live)) };
};

const statesOf = (live: LiveTokens[]): KeyState[] => {
  const states = new Map<string, KeyState>();
  for (const [npub, tokens, expiry, greet, relays, document] of live) {
    const known = states.get(npub);
    const state = known ?? { npub, tokens: 0, expiry: 0, invalid: 0, relays: [], greet: false };
    if (!known) states.set(npub, state);
    if (!isValid(document)) {
      state.invalid += tokens;
      continue;
    }
    state.tokens += tokens;
    state.expiry = Math.max(state.expiry, expiry);
    state.greet ||= greet;
    if (relays.length > 0) state.relays = [...new Set([...state.relays, ...relays])];
  }
  return [...states.values()];
};

/** Many tokens have the same document: each is looked at once. */
const validity = new LRUCache<string, boolean>({ max: 1_000 });

const isValid = (document: string | null): boolean => {
  if (document === null) return true;
  const valid = validity.get(document) ?? parseGrantDocument(JSON.parse(document)) !== null;
  validity.set(document, valid);
  return valid;
};
