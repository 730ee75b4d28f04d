/** What rows of the database mean to a client: pure, from what was read for some keys and clients in one go. */
import { npubEncode } from "nostr-tools/nip19";
import { type Access, type Grant, parseGrantDocument, parsePerms } from "./grant.ts";
import { hexOf } from "./npub.ts";

export interface AccessTable {
  of(npub: string, client: string): Access;
}

/** The columns of `ConnectTokens` that are read for it. */
export const TOKEN_COLUMNS = {
  token: true,
  npub: true,
  expiry: true,
  subNpub: true,
  jsonData: true,
  loggedOut: true,
  revoked: true,
  asked: true,
  spent: true,
  relays: true,
} as const;

interface TokenRow {
  token: string;
  npub: string;
  expiry: bigint;
  subNpub: string | null;
  jsonData: unknown;
  loggedOut: bigint | null;
  revoked: bigint | null;
  asked: string | null;
  spent: number;
  relays: string[];
}

/** @param stopped what an operator has stopped: `*`, npubs of keys and npubs of clients */
export const accessTable = (rows: TokenRow[], stopped: ReadonlySet<string>): AccessTable => {
  const grants = new Map<string, Grant[]>();
  for (const row of rows) {
    const known = grants.get(row.npub);
    if (known) known.push(...readGrant(row));
    else grants.set(row.npub, readGrant(row));
  }
  return {
    of: (npub, client) => ({
      grants: grants.get(npub) ?? [],
      stopped: whatIsStopped(stopped, npub, client),
    }),
  };
};

/** One grant, or none where the document does not validate. */
const readGrant = (row: TokenRow): Grant[] => {
  const document = parseGrantDocument(row.jsonData);
  if (!document) return [];
  const { notBefore = 0, perms, uses, usesPerMinute = null } = document;
  return [
    {
      token: row.token,
      client: row.loggedOut === null ? hexOf(row.subNpub) : null,
      expiry: Number(row.expiry),
      revoked: row.revoked !== null,
      notBefore,
      perms: parsePerms(perms),
      asked: parsePerms(row.asked),
      uses: uses === undefined ? null : { limit: uses, spent: row.spent },
      usesPerMinute,
      relays: row.relays,
    },
  ];
};

const whatIsStopped = (stopped: ReadonlySet<string>, npub: string, client: string): Access["stopped"] => {
  if (stopped.has("*")) return "everything";
  if (stopped.has(npub)) return "the key";
  return stopped.has(npubEncode(client)) ? "the client" : null;
};
