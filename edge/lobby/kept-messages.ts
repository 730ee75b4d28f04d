/** What was said to people while they were away: in order, and no more than so much for each. */
import type { Sql } from "../sql.ts";

const MAX_MESSAGES = 64;
/** Characters. */
const MAX_VOLUME = 262_144;

export class KeptMessages {
  readonly #sql: Sql;
  /** The last that was given out. */
  #place: number;

  constructor(sql: Sql) {
    this.#sql = sql;
    sql.exec(`
      CREATE TABLE IF NOT EXISTS kept (
        person TEXT NOT NULL, place INTEGER NOT NULL, match TEXT NOT NULL, text TEXT NOT NULL,
        PRIMARY KEY (person, place)
      ) WITHOUT ROWID
    `);
    const [last] = sql.exec("SELECT max(place) AS place FROM kept");
    this.#place = Number(last?.["place"] ?? 0);
  }

  /** `false`: there is no room for it. */
  keep(person: string, match: string, text: string): boolean {
    const query =
      "SELECT count(*) AS count, coalesce(sum(length(text)), 0) AS volume FROM kept WHERE person = ?";
    const [kept] = this.#sql.exec(query, person);
    const isFull = Number(kept?.["count"]) >= MAX_MESSAGES;
    if (isFull || Number(kept?.["volume"]) + text.length > MAX_VOLUME) return false;
    this.#place += 1;
    this.#sql.exec("INSERT INTO kept VALUES (?, ?, ?, ?)", person, this.#place, match, text);
    return true;
  }

  /** What was said to somebody in this match; nothing is kept for them any more. */
  take(person: string, match: string | undefined): string[] {
    const query = "SELECT match, text FROM kept WHERE person = ? ORDER BY place";
    const kept = [...this.#sql.exec(query, person)];
    if (kept.length > 0) this.#sql.exec("DELETE FROM kept WHERE person = ?", person);
    return kept.filter((row) => row["match"] === match).map((row) => String(row["text"]));
  }
}
