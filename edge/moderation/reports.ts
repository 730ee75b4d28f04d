/** What people said of one another: for the operator to read, and to count. Times in milliseconds. */
import * as v from "valibot";
import type { Name, Report } from "../rpc.ts";
import type { Sql } from "../sql.ts";

/** As the operator reads it: `id` counts up. */
export type KeptReport = Report & { id: number; at: number };

const DAY = 86_400_000;
const RETENTION = 30 * DAY;
/** Beyond, the oldest go, a thousand at a time. */
const MAX_REPORTS = 100_000;

const Names = v.pipe(v.string(), v.parseJson(), v.array(v.string()));
const Row = v.object({
  id: v.number(),
  at: v.number(),
  matchId: v.string(),
  whom: Names,
  by: Names,
  reason: v.string(),
});
const Reporters = v.object({ by: Names });
const Oldest = v.object({ at: v.nullable(v.number()) });

export class Reports {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS reports (
      id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, matchId TEXT NOT NULL,
      whom TEXT NOT NULL, "by" TEXT NOT NULL, reason TEXT NOT NULL, UNIQUE (matchId, "by")
    )`);
    // What counts against a name. The operator's pardon deletes it, and leaves the report.
    sql.exec(`CREATE TABLE IF NOT EXISTS accused (
      name TEXT NOT NULL, report INTEGER NOT NULL, PRIMARY KEY (name, report)
    ) WITHOUT ROWID`);
  }

  /** One report of one person about one match; another is none. */
  add({ matchId, whom, by, reason }: Report, now: number): void {
    const insert = `INSERT OR IGNORE INTO reports (at, matchId, whom, "by", reason) VALUES (?, ?, ?, ?, ?) RETURNING id`;
    const texts = [JSON.stringify(whom), JSON.stringify(by), reason] as const;
    for (const { id } of [...this.#sql.exec(insert, now, matchId, ...texts)]) {
      for (const name of whom) this.#sql.exec("INSERT INTO accused VALUES (?, ?)", name, Number(id));
      if (Number(id) % 1_000 === 0) this.#deleteUpTo(Number(id) - MAX_REPORTS);
    }
  }

  /** Who reported one of the name since then: the reporter's names, for each report. */
  reporters(name: Name, since: number): Name[][] {
    const query = `SELECT "by" FROM accused JOIN reports ON id = report WHERE name = ? AND at > ?`;
    return [...this.#sql.exec(query, name, since)].map((row) => v.parse(Reporters, row).by);
  }

  /** What was said until now counts against this name no more. */
  pardon(name: Name): void {
    this.#sql.exec("DELETE FROM accused WHERE name = ?", name);
  }

  /** The latest first, those with an id below `before`. */
  list(before: number, limit: number): KeptReport[] {
    const query = "SELECT * FROM reports WHERE id < ? ORDER BY id DESC LIMIT ?";
    return [...this.#sql.exec(query, before, limit)].map((row) => v.parse(Row, row));
  }

  /** When the oldest is to go; infinity: there is none. */
  get due(): number {
    const [row] = this.#sql.exec("SELECT (SELECT at FROM reports ORDER BY id LIMIT 1) AS at");
    return (v.parse(Oldest, row).at ?? Number.POSITIVE_INFINITY) + RETENTION;
  }

  /** Removes what is too old. */
  prune(now: number): void {
    const [row] = this.#sql.exec("SELECT max(id) AS id FROM reports WHERE at <= ?", now - RETENTION);
    if (typeof row?.["id"] === "number") this.#deleteUpTo(row["id"]);
  }

  #deleteUpTo(id: number): void {
    this.#sql.exec("DELETE FROM accused WHERE report <= ?", id);
    this.#sql.exec("DELETE FROM reports WHERE id <= ?", id);
  }
}
