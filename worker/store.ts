/** What the worker asks of the database. Times are in milliseconds; clients are hex here and npubs there. */
import { npubEncode } from "nostr-tools/nip19";
import type { Database } from "./db/open.ts";
import { type Access, type Grant, parseGrantDocument, parsePerms } from "./grant.ts";
import type { ClientInfo } from "./nip46.ts";
import { hexOf } from "./npub.ts";

/** A key as a scan sees it. */
export interface KeyState {
  npub: string;
  /** How many tokens it has that have neither expired nor been revoked, and when the last one expires. */
  tokens: number;
  expiry: number;
  /** How many of these have a document that does not validate, and so count for nothing. */
  invalid: number;
}

/** What was read for some keys and clients in one go. */
export interface AccessTable {
  of(npub: string, client: string): Access;
}

/** Why a token does not connect a client, or null when it does. */
export type BindRefusal = "unknown" | "revoked" | "expired" | "not yet valid" | "not valid" | "taken" | null;

/** Keys read at a time by a scan. */
const PAGE = 1_000;
/** Tokens that ended longer ago than this explain no refusal any more. */
const REMEMBERED_MS = 30 * 24 * 3_600_000;

const TOKEN_COLUMNS = {
  token: true,
  expiry: true,
  subNpub: true,
  jsonData: true,
  loggedOut: true,
  revoked: true,
  asked: true,
  spent: true,
} as const;

export class Store {
  #prisma: Database["prisma"];
  #now: () => number;

  constructor(prisma: Database["prisma"], now: () => number) {
    this.#prisma = prisma;
    this.#now = now;
  }

  /** Every key, in the order of npubs, a page at a time. */
  async *pages(): AsyncGenerator<KeyState[]> {
    let after = "";
    for (;;) {
      const rows = await this.#states({ npub: { gt: after } }, PAGE);
      if (rows.length > 0) yield rows;
      const last = rows.at(-1);
      if (!last || rows.length < PAGE) return;
      after = last.npub;
    }
  }

  /** The same for some keys only; one that does not exist is left out. */
  async some(npubs: string[]): Promise<KeyState[]> {
    return this.#states({ npub: { in: npubs } });
  }

  /** The secrets at rest of some keys; null where a row has none. */
  async secrets(npubs: string[]): Promise<Map<string, string | null>> {
    const rows = await this.#prisma.keys.findMany({
      where: { npub: { in: npubs } },
      select: { npub: true, ncryptsec: true, localKey: true },
    });
    return new Map(rows.map(({ npub, ncryptsec, localKey }) => [npub, ncryptsec || localKey]));
  }

  /** Resolves when the database answers. */
  async ping(): Promise<void> {
    await this.#prisma.$queryRaw`SELECT 1`;
  }

  /** What these clients (hex) may do with these keys. */
  async access(npubs: string[], clients: string[]): Promise<AccessTable> {
    const subjects = ["*", ...npubs, ...clients.map((client) => npubEncode(client))];
    const [rows, stops] = await Promise.all([
      this.#prisma.connectTokens.findMany({
        where: { npub: { in: npubs }, expiry: { gt: this.#now() - REMEMBERED_MS } },
        select: { ...TOKEN_COLUMNS, npub: true },
      }),
      this.#prisma.stops.findMany({ where: { subject: { in: subjects } }, select: { subject: true } }),
    ]);
    const grants = new Map<string, Grant[]>();
    for (const row of rows) grants.set(row.npub, [...(grants.get(row.npub) ?? []), ...readGrant(row)]);
    const stopped = new Set(stops.map(({ subject }) => subject));
    return {
      of: (npub, client) => ({
        grants: grants.get(npub) ?? [],
        stopped: whatIsStopped(stopped, npub, client),
      }),
    };
  }

  /**
   * Binds a client to a token, in one statement, so that of many clients at once one wins. It is null, and so
   * done, also when the token was the client's before.
   */
  async bind(
    npub: string,
    client: string,
    token: string,
    asked: string | null,
    info: ClientInfo | null,
  ): Promise<BindRefusal> {
    const now = this.#now();
    const subNpub = npubEncode(client);
    const row = await this.#prisma.connectTokens.findUnique({
      where: { token },
      select: { ...TOKEN_COLUMNS, npub: true },
    });
    if (row?.npub !== npub) return "unknown";
    if (row.revoked !== null) return "revoked";
    if (row.expiry <= now) return "expired";
    const document = parseGrantDocument(row.jsonData);
    if (!document) return "not valid";
    if ((document.notBefore ?? 0) > now) return "not yet valid";
    const { count } = await this.#prisma.connectTokens.updateMany({
      where: { token, npub, revoked: null, expiry: { gt: now }, OR: [{ subNpub: null }, { subNpub }] },
      data: { subNpub, loggedOut: null, connected: now, asked, ...(info ? { clientInfo: { ...info } } : {}) },
    });
    return count === 1 ? null : "taken";
  }

  /** Ends the sessions of a client with a key. The tokens stay the client's: it can connect again with them. */
  async endSessions(npub: string, client: string): Promise<void> {
    await this.#prisma.connectTokens.updateMany({
      where: { npub, subNpub: npubEncode(client) },
      data: { loggedOut: this.#now() },
    });
  }

  /** Counts a use of a token, in one statement. False when none is left. */
  async spend(token: string, limit: number): Promise<boolean> {
    const { count } = await this.#prisma.connectTokens.updateMany({
      where: { token, spent: { lt: limit } },
      data: { spent: { increment: 1 } },
    });
    return count === 1;
  }

  async #states(where: object, take?: number): Promise<KeyState[]> {
    const rows = await this.#prisma.keys.findMany({
      where,
      orderBy: { npub: "asc" },
      ...(take === undefined ? {} : { take }),
      select: {
        npub: true,
        tokens: {
          where: { expiry: { gt: this.#now() }, revoked: null },
          select: { expiry: true, jsonData: true },
        },
      },
    });
    return rows.map(({ npub, tokens }) => {
      const valid = tokens.filter(({ jsonData }) => parseGrantDocument(jsonData) !== null);
      return {
        npub,
        tokens: valid.length,
        expiry: valid.reduce((last, { expiry }) => Math.max(last, Number(expiry)), 0),
        invalid: tokens.length - valid.length,
      };
    });
  }
}

interface TokenRow {
  token: string;
  expiry: bigint;
  subNpub: string | null;
  jsonData: unknown;
  loggedOut: bigint | null;
  revoked: bigint | null;
  asked: string | null;
  spent: number;
}

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
    },
  ];
};

const whatIsStopped = (stopped: ReadonlySet<string>, npub: string, client: string): Access["stopped"] => {
  if (stopped.has("*")) return "everything";
  if (stopped.has(npub)) return "the key";
  return stopped.has(npubEncode(client)) ? "the client" : null;
};
