/** Who may not come in, and until when. Times in milliseconds; infinity: for good. */
import * as v from "valibot";
import type { Name, News } from "../rpc.ts";
import type { Sql } from "../sql.ts";

/** `by`: the operator, or the reports of several people. */
export type Ban = { name: Name; since: number; until: number; reason: string; by: "operator" | "reports" };

const Row = v.object({
  name: v.string(),
  since: v.number(),
  until: v.number(),
  reason: v.string(),
  by: v.picklist(["operator", "reports"]),
});
const Change = v.object({ version: v.number(), name: v.string(), until: v.number(), lifted: v.number() });
const Due = v.object({ due: v.nullable(v.number()) });

export class Bans {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
    // One that is lifted stays until it would have ended, so that each directory learns of it, however late.
    sql.exec(`CREATE TABLE IF NOT EXISTS bans (
      version INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, since INTEGER NOT NULL,
      until REAL NOT NULL, reason TEXT NOT NULL, "by" TEXT NOT NULL, lifted INTEGER NOT NULL
    )`);
  }

  /** In place of an earlier one of the same name. */
  set({ name, since, until, reason, by }: Ban): void {
    const replace = `INSERT OR REPLACE INTO bans (name, since, until, reason, "by", lifted) VALUES (?, ?, ?, ?, ?, 0)`;
    this.#sql.exec(replace, name, since, until, reason, by);
  }

  /** Whether there was one. */
  lift(name: Name): boolean {
    if (!this.get(name)) return false;
    this.#sql.exec(
      `INSERT OR REPLACE INTO bans (name, since, until, reason, "by", lifted)
       SELECT name, since, until, reason, "by", 1 FROM bans WHERE name = ?`,
      name,
    );
    return true;
  }

  get(name: Name): Ban | undefined {
    return this.#read("SELECT * FROM bans WHERE NOT lifted AND name = ?", name)[0];
  }

  /** The latest first. */
  list(): Ban[] {
    return this.#read("SELECT * FROM bans WHERE NOT lifted ORDER BY since DESC, name");
  }

  /** What changed after a version (0: ever), and the version that this is; `until` is 0 for what was lifted. */
  changes(version: number): Pick<News, "version" | "bans"> {
    const query = "SELECT version, name, until, lifted FROM bans WHERE version > ?";
    const changes = [...this.#sql.exec(query, version)].map((row) => v.parse(Change, row));
    return {
      version: Math.max(version, ...changes.map((change) => change.version)),
      bans: changes.map(({ name, until, lifted }) => ({ name, until: lifted ? 0 : until })),
    };
  }

  /** When the next one ends; infinity: never. */
  get due(): number {
    const [row] = this.#sql.exec("SELECT min(until) AS due FROM bans");
    return v.parse(Due, row).due ?? Number.POSITIVE_INFINITY;
  }

  /** Removes those that have ended. */
  prune(now: number): void {
    this.#sql.exec("DELETE FROM bans WHERE until <= ?", now);
  }

  #read(query: string, ...bindings: string[]): Ban[] {
    return [...this.#sql.exec(query, ...bindings)].map((row) => v.parse(Row, row));
  }
}
