/** What rows of the database mean to a client: pure, from what was read for some keys and clients in one go. */
import { LRUCache } from "lru-cache";
import {
  type Access,
  type Grant,
  type GrantDocument,
  type Perms,
  parseGrantDocument,
  parsePerms,
} from "./grant.ts";
import { hexOf, npubOf } from "./npub.ts";

export interface AccessTable {
  of(npub: string, client: string): Access;
}

/** A row of `ConnectTokens`, as store.ts reads it. Times are in milliseconds; `document` is the text of `jsonData`. */
type TokenRow = [
  npub: string,
  token: string,
  expiry: number,
  subNpub: string | null,
  document: string | null,
  loggedOut: number | null,
  revoked: number | null,
  asked: string | null,
  spent: number,
  relays: string[],
];

/** @param stopped what an operator has stopped: `*`, npubs of keys and npubs of clients */
export const accessTable = (rows: TokenRow[], stopped: ReadonlySet<string>): AccessTable => {
  const grants = new Map<string, Grant[]>();
  for (const row of rows) {
    const [npub] = row;
    const known = grants.get(npub);
    if (known) known.push(...readGrant(row));
    else grants.set(npub, readGrant(row));
  }
  return {
    of: (npub, client) => ({
      grants: grants.get(npub) ?? [],
      stopped: stopped.size === 0 ? null : whatIsStopped(stopped, npub, client),
    }),
  };
};

/** One grant, or none where the document does not validate. */
const readGrant = (row: TokenRow): Grant[] => {
  const [, token, expiry, subNpub, text, loggedOut, revoked, asked, spent, relays] = row;
  const document = readDocument(text ?? "{}");
  if (!document) return [];
  const { notBefore = 0, perms, uses, usesPerMinute = null } = document;
  return [
    {
      token,
      client: loggedOut === null ? hexOf(subNpub) : null,
      expiry,
      revoked: revoked !== null,
      notBefore,
      perms,
      asked: readPerms(asked),
      uses: uses === undefined ? null : { limit: uses, spent },
      usesPerMinute,
      relays,
    },
  ];
};

/** Tokens are read with every request, and their texts hardly ever change: each is parsed once. */
const TEXTS_REMEMBERED = 10_000;
const documents = new LRUCache<string, Document | "not valid">({ max: TEXTS_REMEMBERED });
const permissions = new LRUCache<string, Perms>({ max: TEXTS_REMEMBERED });

/** What narrows a grant, with its perms parsed. */
interface Document extends Omit<GrantDocument, "perms"> {
  perms: Perms | null;
}

const readDocument = (text: string): Document | null => {
  const known = documents.get(text);
  const document = known ?? parseDocument(text) ?? "not valid";
  if (!known) documents.set(text, document);
  return document === "not valid" ? null : document;
};

const parseDocument = (text: string): Document | null => {
  const document = parseGrantDocument(JSON.parse(text));
  return document && { ...document, perms: parsePerms(document.perms) };
};

const readPerms = (text: string | null): Perms | null => {
  if (text === null) return null;
  const known = permissions.get(text);
  const perms = known ?? parsePerms(text);
  if (!known && perms) permissions.set(text, perms);
  return perms;
};

const whatIsStopped = (stopped: ReadonlySet<string>, npub: string, client: string): Access["stopped"] => {
  if (stopped.has("*")) return "everything";
  if (stopped.has(npub)) return "the key";
  return stopped.has(npubOf(client)) ? "the client" : null;
};
