/** What the worker asks of the two tables. Times are in milliseconds; clients are hex here and npubs there. */
import { decode, npubEncode } from "nostr-tools/nip19";
import type { Database } from "./db/open.ts";
import { type Grant, parseGrantDocument } from "./policy.ts";

/** A key and what its live tokens allow; `invalid` counts those whose document does not validate. */
export interface KeyGrants {
  npub: string;
  grants: Grant[];
  invalid: number;
}

const PAGE = 1_000;

export class Store {
  #prisma: Database["prisma"];

  constructor(prisma: Database["prisma"]) {
    this.#prisma = prisma;
  }

  /** Every key with its live grants, in the order of npubs, a page at a time. */
  async *pages(now: number): AsyncGenerator<KeyGrants[]> {
    let after = "";
    for (;;) {
      const rows = await this.#read({ npub: { gt: after } }, now, PAGE);
      if (rows.length > 0) yield rows;
      const last = rows.at(-1);
      if (!last || rows.length < PAGE) return;
      after = last.npub;
    }
  }

  /** The same for some keys only; one that does not exist is left out. */
  async some(npubs: string[], now: number): Promise<KeyGrants[]> {
    return this.#read({ npub: { in: npubs } }, now);
  }

  /** The secrets at rest of some keys; null where a row has none. */
  async secrets(npubs: string[]): Promise<Map<string, string | null>> {
    const rows = await this.#prisma.keys.findMany({
      where: { npub: { in: npubs } },
      select: { npub: true, ncryptsec: true, localKey: true },
    });
    return new Map(rows.map(({ npub, ncryptsec, localKey }) => [npub, ncryptsec || localKey]));
  }

  /**
   * Binds a client to a live token, in one statement, so that of many clients at once one wins. True when the
   * token is the client's now, also when it was before.
   */
  async bind(npub: string, client: string, token: string, now: number): Promise<boolean> {
    const row = await this.#prisma.connectTokens.findUnique({ where: { token }, select: { jsonData: true } });
    const document = row && parseGrantDocument(row.jsonData);
    if (!document || document.notBefore > now) return false;
    const subNpub = npubEncode(client);
    const { count } = await this.#prisma.connectTokens.updateMany({
      where: { token, npub, expiry: { gt: now }, OR: [{ subNpub: null }, { subNpub }] },
      data: { subNpub, loggedOut: null },
    });
    return count === 1;
  }

  /** Ends the sessions of a client with a key. The tokens stay the client's: it can connect again with them. */
  async endSessions(npub: string, client: string, now: number): Promise<void> {
    await this.#prisma.connectTokens.updateMany({
      where: { npub, subNpub: npubEncode(client) },
      data: { loggedOut: now },
    });
  }

  async #read(where: object, now: number, take?: number): Promise<KeyGrants[]> {
    const rows = await this.#prisma.keys.findMany({
      where,
      orderBy: { npub: "asc" },
      ...(take === undefined ? {} : { take }),
      select: {
        npub: true,
        tokens: {
          where: { expiry: { gt: now } },
          select: { expiry: true, subNpub: true, jsonData: true, loggedOut: true },
        },
      },
    });
    return rows.map(({ npub, tokens }) => {
      const grants = tokens.flatMap(({ expiry, subNpub, jsonData, loggedOut }): Grant[] => {
        const document = parseGrantDocument(jsonData);
        const client = loggedOut === null ? hexOf(subNpub) : null;
        return document ? [{ client, expiry: Number(expiry), ...document }] : [];
      });
      return { npub, grants, invalid: tokens.length - grants.length };
    });
  }
}

/** The public key in hex, or null for what is no npub. */
export const hexOf = (npub: string | null): string | null => {
  if (npub === null) return null;
  try {
    const decoded = decode(npub);
    return decoded.type === "npub" ? decoded.data : null;
  } catch {
    return null;
  }
};
