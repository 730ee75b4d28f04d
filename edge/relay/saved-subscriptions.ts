/**
 * Subscriptions as they outlive the object's memory. In SQLite under the socket's id, for a REQ with 1,000 `#p` values
 * is four times what a socket's attachment holds.
 */

import type { Sql } from "../sql.ts";
import type { Filter } from "./filter.ts";

export class SavedSubscriptions {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS subscriptions (
      socket TEXT NOT NULL,
      id TEXT NOT NULL,
      filters TEXT NOT NULL,
      PRIMARY KEY (socket, id)
    )`);
  }

  *all(): Iterable<{ socket: string; id: string; filters: Filter[] }> {
    for (const { socket, id, filters } of this.#sql.exec("SELECT socket, id, filters FROM subscriptions")) {
      yield { socket: String(socket), id: String(id), filters: JSON.parse(String(filters)) };
    }
  }

  set(socket: string, id: string, filters: Filter[]): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO subscriptions (socket, id, filters) VALUES (?, ?, ?)",
      ...[socket, id, JSON.stringify(filters)],
    );
  }

  delete(socket: string, id: string): void {
    this.#sql.exec("DELETE FROM subscriptions WHERE socket = ? AND id = ?", socket, id);
  }

  deleteAll(socket: string): void {
    this.#sql.exec("DELETE FROM subscriptions WHERE socket = ?", socket);
  }
}
