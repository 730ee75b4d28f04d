/**
 * The audit log: who had which key do what, and what came of it. No content, no token, no secret. Rows
 * are written in batches, behind the request; while the database is away the newest are kept.
 */
import type { Deed } from "./bunker.ts";
import { Prisma } from "./db/generated/client.ts";
import type { Database } from "./db/open.ts";
import { within } from "./db/session.ts";
import type { Shards } from "./key-states.ts";
import type { Logger } from "./log.ts";
import { hexOf, npubOf } from "./npub.ts";

/** Milliseconds that a row waits for others, and that a failed write waits for the next try. */
const WRITE_AFTER_MS = 500;
const RETRY_MS = 1_000;
const ROWS_PER_WRITE = 500;
/** Rows kept while they cannot be written: some megabytes. */
const MOST_WAITING = 10_000;
/** Milliseconds that the last write may take at the end. */
const CLOSE_TIMEOUT_MS = 1_500;

/** In the order of the columns: in JSON, their names would be half of what is sent. */
type Row = [
  at: number,
  npub: string,
  client: string,
  method: string,
  kind: number | null,
  eventId: string | null,
  outcome: string,
  request: string,
];

export class Audit {
  /** Rows that are in the table, and rows that were given up because too many waited. */
  readonly counts = { written: 0, dropped: 0 };
  #bulk: Database["bulk"];
  #log: Logger;
  #now: () => number;
  #waiting: Row[] = [];
  /** What is being written. */
  #batch: Row[] = [];
  #recorded = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  /** Said once each, until a write succeeds. */
  #failing = false;
  #dropping = false;
  #closed = false;

  constructor(bulk: Database["bulk"], log: Logger, now: () => number) {
    this.#bulk = bulk;
    this.#log = log;
    this.#now = now;
  }

  /** Notes what was done, and what was refused to clients of the key: strangers cannot fill the log. */
  record({ npub, client, known, method, eventKind, eventId, outcome, request }: Deed): void {
    if (this.#closed || (!known && outcome !== "ok")) return;
    this.#recorded += 1;
    this.#waiting.push([this.#now(), npub, npubOf(client), method, eventKind, eventId, outcome, request]);
    this.#dropOldest();
    this.#writeAfter(WRITE_AFTER_MS);
  }

  /** The time (milliseconds since 1970) before which all that was recorded is in the table. */
  get loggedUntil(): number {
    const [at] = this.#batch[0] ?? this.#waiting[0] ?? [this.#now()];
    return at;
  }

  /** Writes all that was recorded until now. Whether that came to pass. */
  async flush(): Promise<boolean> {
    const recorded = this.#recorded;
    const isWritten = () => this.counts.written + this.counts.dropped >= recorded;
    do await this.#writeNow();
    while (!isWritten() && !this.#failing);
    return isWritten();
  }

  /**
   * What was answered since a time (milliseconds since 1970) for keys of these shards: the ids of the events that
   * asked, and the clients, as hex.
   */
  async answered(shards: Shards, since: number): Promise<{ ids: string[]; clients: string[] }> {
    const [row] = await this.#bulk<{ ids: string | null; clients: string | null }>(Prisma.sql`
      SELECT string_agg(encode(request, 'hex'), ',') AS ids, string_agg(DISTINCT client, ',') AS clients
      FROM "AuditLog" WHERE at > ${since} AND request IS NOT NULL AND left(npub, 6) = ANY(${[...shards]})`);
    const clients = (row?.clients?.split(",") ?? []).flatMap((client) => hexOf(client) ?? []);
    return { ids: row?.ids?.split(",") ?? [], clients };
  }

  /** Writes what waits, if the database answers soon; nothing is taken from now on. Whether all is written. */
  async close(): Promise<boolean> {
    this.#closed = true;
    const isWritten = await within(this.flush(), CLOSE_TIMEOUT_MS, "not written").catch(() => false);
    clearTimeout(this.#timer);
    const lost = this.#recorded - this.counts.written - this.counts.dropped;
    if (!isWritten) this.#log.error({ rows: lost }, `${lost} rows of the audit log could not be written`);
    return isWritten;
  }

  #writeAfter(milliseconds: number): void {
    if (this.#closed || this.#writing) return;
    this.#timer ??= setTimeout(() => void this.#writeNow(), milliseconds);
  }

  #writeNow(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
      if (this.#waiting.length > 0) this.#writeAfter(RETRY_MS);
    });
    return this.#writing;
  }

  /** Writes until nothing waits, or a write fails. A row whose write got no answer may be written twice. */
  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      this.#batch = this.#waiting.splice(0, ROWS_PER_WRITE);
      try {
        await this.#insert(this.#batch);
      } catch (error) {
        this.#waiting.unshift(...this.#batch.splice(0));
        this.#dropOldest();
        if (!this.#failing) this.#log.warn({ err: error }, "the audit log cannot be written, trying again");
        this.#failing = true;
        return;
      }
      this.counts.written += this.#batch.length;
      this.#batch = [];
      if (this.#failing) this.#log.info("the audit log is written again");
      this.#failing = false;
      this.#dropping = false;
    }
  }

  /** As one text: to have each value made a parameter of its own takes thirty times as long. */
  async #insert(rows: Row[]): Promise<void> {
    await this.#bulk(Prisma.sql`
      INSERT INTO "AuditLog" (at, npub, client, method, kind, "eventId", outcome, request)
      SELECT (row->>0)::bigint, row->>1, row->>2, row->>3, (row->>4)::int, row->>5, row->>6, decode(row->>7, 'hex')
      FROM json_array_elements(${JSON.stringify(rows)}::json) AS row`);
  }

  #dropOldest(): void {
    const tooMany = this.#waiting.length - MOST_WAITING;
    if (tooMany <= 0) return;
    this.#waiting.splice(0, tooMany);
    this.counts.dropped += tooMany;
    if (!this.#dropping) this.#log.error("too much waits for the audit log: its oldest rows are dropped");
    this.#dropping = true;
  }
}
