/** What rows of the database mean to a client: pure, from what was read for some keys and clients in one go. */
import { LRUCache } from "lru-cache";
import { type Access, type Grant, parseGrantDocument, parsePerms } from "./grant.ts";
import { hexOf, npubOf } from "./npub.ts";

export interface AccessTable {
  of(npub: string, client: string): Access;
}

/** A row of `ConnectTokens`. Times are in milliseconds; `document` is the text of `jsonData`. */
interface TokenRow {
  token: string;
  npub: string;
  expiry: number;
  subNpub: string | null;
  document: string | null;
  loggedOut: number | null;
  revoked: number | null;
  asked: string | null;
  spent: number;
  relays: string[];
}

/**
 * @param rows a `TokenRow` each, as JSON
 * @param stopped what an operator has stopped: `*`, npubs of keys and npubs of clients
 */
export const accessTable = (rows: readonly string[], stopped: ReadonlySet<string>): AccessTable => {
  const grants = new Map<string, Grant[]>();
  for (const text of rows) {
    const { npub, grant } = readRow(text);
    if (!grant) continue;
    const known = grants.get(npub);
    if (known) known.push(grant);
    else grants.set(npub, [grant]);
  }
  return {
    of: (npub, client) => ({
      grants: grants.get(npub) ?? [],
      stopped: stopped.size === 0 ? null : whatIsStopped(stopped, npub, client),
    }),
  };
};

interface Read {
  npub: string;
  /** Null where the document does not validate. */
  grant: Grant | null;
}

/** Rows are read with every request, and hardly ever change: each text is parsed once. */
const rowsRead = new LRUCache<string, Read>({ max: 10_000 });

const readRow = (text: string): Read => {
  const known = rowsRead.get(text);
  if (known) return known;
  const row: TokenRow = JSON.parse(text);
  const read = { npub: row.npub, grant: readGrant(row) };
  // As a copy: a part of a string keeps the whole of it in memory.
  rowsRead.set(Buffer.from(text).toString(), read);
  return read;
};

const readGrant = (row: TokenRow): Grant | null => {
  const document = parseGrantDocument(JSON.parse(row.document ?? "{}"));
  if (!document) return null;
  const { notBefore = 0, perms, uses, usesPerMinute = null } = document;
  return {
    token: row.token,
    client: row.loggedOut === null ? hexOf(row.subNpub) : null,
    expiry: row.expiry,
    revoked: row.revoked !== null,
    notBefore,
    perms: parsePerms(perms),
    asked: parsePerms(row.asked),
    uses: uses === undefined ? null : { limit: uses, spent: row.spent },
    usesPerMinute,
    relays: row.relays,
  };
};

const whatIsStopped = (stopped: ReadonlySet<string>, npub: string, client: string): Access["stopped"] => {
  if (stopped.has("*")) return "everything";
  if (stopped.has(npub)) return "the key";
  return stopped.has(npubOf(client)) ? "the client" : null;
};
