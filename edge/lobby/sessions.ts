/** Rows for who is away, and for the keys of tokens that bring nobody back any more. Times are in milliseconds. */
import type { Person } from "../person.ts";
import type { Sql } from "../sql.ts";

/** For which a spent key is remembered: a token that is older is not taken by its word. */
export const TOKEN_LIFE = 86_400_000;

export class Sessions {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
    sql.exec(`
      CREATE TABLE IF NOT EXISTS sessions (key TEXT PRIMARY KEY, until INTEGER NOT NULL, person TEXT) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS spent ON sessions (until) WHERE person IS NULL
    `);
  }

  /** Everybody who is away. */
  *absent(): Generator<Person> {
    for (const { person } of this.#sql.exec("SELECT person FROM sessions WHERE person IS NOT NULL"))
      yield JSON.parse(String(person));
  }

  /** Keeps what is known of somebody who is away. */
  keep(person: Person): void {
    const query = "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?)";
    this.#sql.exec(query, person.key, person.absentUntil ?? 0, JSON.stringify(person));
  }

  /** The same, if something is kept of them already. */
  update(person: Person): void {
    const query = "UPDATE sessions SET until = ?, person = ? WHERE key = ?";
    this.#sql.exec(query, person.absentUntil ?? 0, JSON.stringify(person), person.key);
  }

  /** Who was away is not expected any more: their tokens are spent. */
  expire(key: string, now: number): void {
    this.#sql.exec("UPDATE sessions SET person = NULL, until = ? WHERE key = ?", now + TOKEN_LIFE, key);
  }

  /** The tokens with this key bring nobody back any more. */
  spend(key: string, now: number): void {
    this.#sql.exec("INSERT OR REPLACE INTO sessions VALUES (?, ?, NULL)", key, now + TOKEN_LIFE);
  }

  isSpent(key: string): boolean {
    return [...this.#sql.exec("SELECT 1 FROM sessions WHERE key = ? AND person IS NULL", key)].length > 0;
  }

  /** Forgets the spent keys whose tokens are too old by `now`. */
  sweep(now: number): void {
    this.#sql.exec("DELETE FROM sessions WHERE person IS NULL AND until <= ?", now);
  }
}
