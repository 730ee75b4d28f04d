/**
 * The last minute of NIP-46 messages, so that one sent while its reader restarts still arrives. In SQLite, for it is
 * to outlive the object's memory; bounded per author, per recipient and in all, the oldest giving way.
 * Times are given, in milliseconds.
 */
import { NOSTR_CONNECT, type NostrEvent } from "../../protocol/nostr.ts";
import type { Sql } from "../sql.ts";
import { type Filter, matcher, recipientsOf } from "./filter.ts";
import { LIMITS } from "./limits.ts";

type Row = { seq: number; id: string; createdAt: number };

const KEEP = LIMITS.kept.time * 1_000;

export class KeptEvents {
  readonly #sql: Sql;
  #total: { events: number; bytes: number };

  constructor(sql: Sql) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS kept_events (
      seq INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      author TEXT NOT NULL,
      recipient TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      received INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      event TEXT NOT NULL
    )`);
    sql.exec("CREATE INDEX IF NOT EXISTS kept_events_author ON kept_events (author)");
    sql.exec("CREATE INDEX IF NOT EXISTS kept_events_recipient ON kept_events (recipient)");
    this.#total = this.#measure();
  }

  get isEmpty(): boolean {
    return this.#total.events === 0;
  }

  has(id: string): boolean {
    return [...this.#sql.exec("SELECT 1 FROM kept_events WHERE id = ?", id)].length > 0;
  }

  /** `json` is the event as it will be sent. An event that is not a NIP-46 message to one recipient is not kept. */
  add(event: NostrEvent, json: string, now: number): void {
    const recipient = soleRecipient(event);
    if (event.kind !== NOSTR_CONNECT || recipient === undefined) return;
    this.#sql.exec(
      `INSERT INTO kept_events (id, author, recipient, created_at, received, bytes, event)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ...[event.id, event.pubkey, recipient, event.created_at, now, json.length, json],
    );
    this.#trim("author", event.pubkey);
    this.#trim("recipient", recipient);
    this.#total = { events: this.#total.events + 1, bytes: this.#total.bytes + json.length };
    if (this.#isFull()) this.#makeRoom();
  }

  /**
   * The kept events (as JSON) that pass one of the filters, newest first, each filter's `limit` observed (NIP-01).
   * A filter without `#p` gets none: the relay keeps letters, not a record of who writes to whom. `rowsRead` is what
   * the answer has cost.
   */
  find(filters: Filter[], now: number): { events: string[]; rowsRead: number } {
    const { replay } = LIMITS;
    const found = new Map<number, Row & { json: string }>();
    let [bytes, rowsRead] = [0, 0];
    for (const filter of distinct(filters)) {
      if (rowsRead > replay.rows) break;
      const candidates = this.#candidates(filter, now);
      rowsRead += candidates.rowsRead;
      const passes = otherTags(filter) ? matcher(filter) : () => true;
      let left = filter.limit ?? replay.events;
      for (const row of candidates.rows) {
        if (left === 0 || found.size === replay.events || bytes > replay.bytes) break;
        const known = found.get(row.seq);
        const json = known?.json ?? this.#read(row.seq);
        if (!known) bytes += json.length;
        if (!passes(JSON.parse(json))) continue;
        left -= 1;
        found.set(row.seq, { ...row, json });
      }
    }
    return { events: [...found.values()].sort(newerFirst).map(({ json }) => json), rowsRead };
  }

  /** Forgets what has been kept long enough. */
  prune(now: number): void {
    this.#sql.exec("DELETE FROM kept_events WHERE received <= ?", now - KEEP);
    this.#total = this.#measure();
  }

  /** The newest that pass a filter, but for what it says of tags other than `p`. */
  #candidates(filter: Filter, now: number): { rows: Row[]; rowsRead: number } {
    const { kinds, limit, ids, authors, since = 0, until = Number.MAX_SAFE_INTEGER } = filter;
    const recipients = recipientsOf(filter) ?? [];
    const isInVain = recipients.length === 0 || limit === 0 || kinds?.includes(NOSTR_CONNECT) === false;
    if (this.isEmpty || isInVain) return { rows: [], rowsRead: 0 };
    const listed = Object.entries({ recipient: recipients, author: authors, id: ids }).flatMap(
      ([column, values]) => (values ? [{ column, values: JSON.stringify(values) }] : []),
    );
    const cursor = this.#sql.exec(
      `SELECT seq, id, created_at FROM kept_events
       WHERE ${listed.map(({ column }) => `${column} IN (SELECT value FROM json_each(?))`).join(" AND ")}
         AND received > ? AND created_at BETWEEN ? AND ?
       ORDER BY created_at DESC, id LIMIT ?`,
      ...listed.map(({ values }) => values),
      ...[now - KEEP, since, until, LIMITS.replay.events],
    );
    const rows = Array.from(cursor, (row) => ({
      seq: Number(row["seq"]),
      id: String(row["id"]),
      createdAt: Number(row["created_at"]),
    }));
    return { rows, rowsRead: cursor.rowsRead };
  }

  #read(seq: number): string {
    const [row] = this.#sql.exec("SELECT event FROM kept_events WHERE seq = ?", seq);
    return String(row?.["event"]);
  }

  #trim(column: "author" | "recipient", person: string): void {
    const { events, bytes } = LIMITS.kept.perPerson;
    this.#sql.exec(
      `DELETE FROM kept_events WHERE seq IN (
         SELECT seq FROM (
           SELECT seq, row_number() OVER newest AS nth, sum(bytes) OVER newest AS bytes
           FROM kept_events WHERE ${column} = ? WINDOW newest AS (ORDER BY seq DESC)
         ) WHERE nth > ? OR bytes > ?
       )`,
      ...[person, events, bytes],
    );
  }

  /** The running total does not see what was trimmed: it only ever errs towards measuring again. */
  #makeRoom(): void {
    this.#total = this.#measure();
    while (this.#isFull()) {
      this.#sql.exec(
        "DELETE FROM kept_events WHERE seq IN (SELECT seq FROM kept_events ORDER BY seq LIMIT ?)",
        Math.ceil(this.#total.events / 8),
      );
      this.#total = this.#measure();
    }
  }

  #isFull(): boolean {
    const { events, bytes } = LIMITS.kept.total;
    return this.#total.events > events || this.#total.bytes > bytes;
  }

  #measure(): { events: number; bytes: number } {
    const [row] = this.#sql.exec("SELECT count(*) AS events, total(bytes) AS bytes FROM kept_events");
    return { events: Number(row?.["events"]), bytes: Number(row?.["bytes"]) };
  }
}

/** NIP-46: a message has exactly one `p`. */
function soleRecipient({ tags }: NostrEvent): string | undefined {
  const [first, second] = tags.filter(([name]) => name === "p");
  return second ? undefined : first?.[1];
}

const distinct = (filters: Filter[]): Iterable<Filter> =>
  new Map(filters.map((filter) => [JSON.stringify(filter), filter])).values();

const otherTags = ({ tags }: Filter): boolean => tags.some(([name]) => name !== "p");

const newerFirst = (a: Row, b: Row): number => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1);
