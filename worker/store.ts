/** What the worker asks of the database. Times are in milliseconds; clients are hex here and npubs there. */
import * as v from "valibot";
import { type AccessTable, accessTable } from "./access-table.ts";
import { Prisma } from "./db/generated/client.ts";
import type { Database } from "./db/open.ts";
import { parseGrantDocument } from "./grant.ts";
import { type KeyPage, type KeyState, type Part, readPage, readSome, type Shards } from "./key-states.ts";
import type { ClientInfo } from "./nip46.ts";
import { hexOf, npubOf } from "./npub.ts";

/** A client that began a connection (`nostrconnect://`) and waits for the signer to greet it. */
export interface Waiting {
  /** A secret. */
  token: string;
  npub: string;
  /** Hex. */
  client: string;
  relays: string[];
}

/** Why a token does not connect a client, or null when it does. */
export type BindRefusal = "unknown" | "revoked" | "expired" | "not yet valid" | "not valid" | "taken" | null;

/** What a client presents when it connects, with the id of the event. */
export interface Connection {
  token: string;
  asked: string | null;
  info: ClientInfo | null;
  event: string;
}

const AccessTexts = v.object({ tokens: v.string(), stopped: v.string() });

/** Keys that a scan reads at first, so that some are served at once, and at most: then a page takes milliseconds. */
const FIRST_PAGE = 250;
const LARGEST_PAGE = 2_000;
const HALVES = ["lower", "upper"] as const;
/** Tokens that ended longer ago than this explain no refusal any more. */
const REMEMBERED_MS = 30 * 24 * 3_600_000;

/** Milliseconds: to get a connection, and for all that is done with it. */
const GREETING_TRANSACTION = { maxWait: 5_000, timeout: 15_000 };

export class Store {
  #prisma: Database["prisma"];
  #query: Database["query"];
  #bulk: Database["bulk"];
  #now: () => number;

  constructor({ prisma, query, bulk }: Pick<Database, "prisma" | "query" | "bulk">, now: () => number) {
    this.#prisma = prisma;
    this.#query = query;
    this.#bulk = bulk;
    this.#now = now;
  }

  /**
   * Every key, or every key of these shards, a page at a time. After the first page the two halves of the key space take
   * turns, and of each the next page is read while another is worked on: so the database can use two cores, and how far
   * away it is matters less.
   */
  async *pages(shards?: Shards): AsyncGenerator<KeyPage & { isLast: boolean }> {
    const begin = (part: Part, size: number) => {
      const reading = readPage(this.#bulk, { part, size, shards, now: this.#now() });
      // Whoever leaves the loop does not wait for it.
      reading.catch(() => {});
      return { part, size, reading };
    };
    const pages = [begin({ half: "both", after: "" }, FIRST_PAGE)];
    for (let next = pages.shift(); next; next = pages.shift()) {
      const { part, size, reading } = next;
      const page = await reading;
      const halves = part.half === "both" ? HALVES : [part.half];
      const larger = Math.min(LARGEST_PAGE, size * 4);
      if (page.keys === size) pages.push(...halves.map((half) => begin({ half, after: page.last }, larger)));
      yield { ...page, isLast: pages.length === 0 };
    }
  }

  /** The same for some keys only; one that has no live token is left out. */
  async some(npubs: string[]): Promise<KeyState[]> {
    return (await readSome(this.#bulk, npubs, this.#now())).states;
  }

  /** The secrets at rest of some keys; null where a row has none. */
  async secrets(npubs: string[]): Promise<Map<string, string | null>> {
    const rows = await this.#bulk<{ npub: string; secret: string | null }>(Prisma.sql`
      SELECT npub, coalesce(nullif(ncryptsec, ''), "localKey") AS secret FROM "Keys" WHERE npub = ANY(${npubs})`);
    return new Map(rows.map(({ npub, secret }) => [npub, secret]));
  }

  /** Resolves when the database answers. */
  async ping(): Promise<void> {
    await this.#query("SELECT 1", []);
  }

  /** What these clients (hex) may do with these keys. */
  async access(npubs: string[], clients: string[]): Promise<AccessTable> {
    // As one text: to have the driver build each row and column costs several times as much. Its arrays cost more, too.
    const [found] = await this.#query(
      `SELECT (SELECT coalesce(json_agg(subject), '[]')::text FROM "Stops"
          WHERE subject = ANY(ARRAY['*'] || string_to_array($1, ',') || string_to_array($2, ','))) AS stopped,
        (SELECT coalesce(json_agg(json_build_array(
          npub, token, expiry, "subNpub", "jsonData"::text, "loggedOut", revoked, asked, spent, relays
        )), '[]')::text FROM "ConnectTokens" WHERE npub = ANY(string_to_array($2, ',')) AND expiry > $3) AS tokens`,
      [clients.map(npubOf).join(), npubs.join(), this.#now() - REMEMBERED_MS],
    );
    const { tokens, stopped } = v.parse(AccessTexts, found);
    return accessTable(JSON.parse(tokens), new Set(JSON.parse(stopped)));
  }

  /**
   * Binds a client to a token, in one statement, so that of many clients at once one wins. It is null, and so
   * done, also when the token was the client's before.
   */
  async bind(npub: string, client: string, { token, asked, info, event }: Connection): Promise<BindRefusal> {
    const now = this.#now();
    if (token.includes("\0")) return "unknown"; // what Postgres cannot hold is in no row
    const subNpub = npubOf(client);
    const row = await this.#prisma.connectTokens.findUnique({
      where: { token },
      select: { npub: true, revoked: true, expiry: true, jsonData: true },
    });
    if (row?.npub !== npub) return "unknown";
    if (row.revoked !== null) return "revoked";
    if (row.expiry <= now) return "expired";
    const document = parseGrantDocument(row.jsonData);
    if (!document) return "not valid";
    if ((document.notBefore ?? 0) > now) return "not yet valid";
    const told = info && JSON.stringify(info);
    const { first, changed } = await this.#once(
      event,
      Prisma.sql`
        UPDATE "ConnectTokens" SET "subNpub" = ${subNpub}, "loggedOut" = NULL, connected = ${now},
          asked = ${asked}, "clientInfo" = coalesce(${told}::jsonb, "clientInfo")
        WHERE token = ${token} AND npub = ${npub} AND revoked IS NULL AND expiry > ${now}
          AND ("subNpub" IS NULL OR "subNpub" = ${subNpub})`,
    );
    // What was done before is as it was then; what it is now is looked up next.
    return !first || changed ? null : "taken";
  }

  /** The clients of some keys that wait to be greeted. */
  async waiting(npubs: string[]): Promise<Waiting[]> {
    const rows = await this.#prisma.connectTokens.findMany({
      where: { npub: { in: npubs }, greeting: { not: null }, revoked: null, expiry: { gt: this.#now() } },
      select: { token: true, npub: true, subNpub: true, relays: true, jsonData: true },
    });
    return rows.flatMap(({ token, npub, subNpub, relays, jsonData }) => {
      const client = hexOf(subNpub);
      return client !== null && parseGrantDocument(jsonData) ? [{ token, npub, client, relays }] : [];
    });
  }

  /**
   * Has `say` greet the client of a token with the secret that it waits for, and notes that it was greeted when
   * `say` says so. The row is locked meanwhile: of several processes one greets.
   */
  async greet(token: string, say: (secret: string) => Promise<boolean>): Promise<boolean> {
    return this.#prisma.$transaction(async (transaction) => {
      const [row] = await transaction.$queryRaw<{ greeting: string }[]>`
        SELECT greeting FROM "ConnectTokens" WHERE token = ${token} AND greeting IS NOT NULL FOR UPDATE SKIP LOCKED`;
      if (!row || !(await say(row.greeting))) return false;
      await transaction.connectTokens.update({
        where: { token },
        // To the second, as the times of events that connect.
        data: { greeting: null, connected: Math.floor(this.#now() / 1_000) * 1_000 },
      });
      return true;
    }, GREETING_TRANSACTION);
  }

  /** Gives up greeting the client of a token. */
  async leaveUngreeted(token: string): Promise<void> {
    await this.#prisma.connectTokens.updateMany({ where: { token }, data: { greeting: null } });
  }

  /**
   * Ends the sessions of a client with a key. The tokens stay the client's: it can connect again with them.
   * An event that was handled before changes nothing.
   */
  async endSessions(npub: string, client: string, event: string): Promise<void> {
    await this.#once(
      event,
      Prisma.sql`
        UPDATE "ConnectTokens" SET "loggedOut" = ${this.#now()}
        WHERE npub = ${npub} AND "subNpub" = ${npubOf(client)}`,
    );
  }

  /** Counts a use of a token, in one statement, and each event once. False when none is left. */
  async spend(token: string, limit: number, event: string): Promise<boolean> {
    const { first, changed } = await this.#once(
      event,
      Prisma.sql`UPDATE "ConnectTokens" SET spent = spent + 1 WHERE token = ${token} AND spent < ${limit}`,
    );
    return !first || changed;
  }

  /**
   * Changes rows if `event` does so for the first time, in this process or any other. In one statement: whoever
   * comes second waits until what the first has changed is there to be read.
   */
  async #once(event: string, update: Prisma.Sql): Promise<{ first: boolean; changed: boolean }> {
    const [row] = await this.#prisma.$queryRaw<{ first: boolean; changed: boolean }[]>`
      WITH first AS (
        INSERT INTO "Handled" (id, at) VALUES (${event}, ${this.#now()}) ON CONFLICT DO NOTHING RETURNING 1
      ), changed AS (
        ${update} AND EXISTS (SELECT FROM first) RETURNING 1
      )
      SELECT EXISTS (SELECT FROM first) AS first, EXISTS (SELECT FROM changed) AS changed`;
    return row ?? { first: false, changed: false };
  }
}
