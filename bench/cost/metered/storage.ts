/**
 * The storage of an object, which counts rows as the bill does: those that SQLite says it has read and written, one for
 * each key of the key-value store, one for each alarm that is set. What is not known here is refused, so that nothing
 * goes uncounted.
 */
import type { ObjectCounts } from "../counts.ts";

export class MeteredStorage {
  readonly storage: DurableObjectStorage;
  readonly #counts: ObjectCounts;
  /** Statements that may still read, with what was counted of them. */
  readonly #cursors = new Map<SqlStorageCursor<Record<string, SqlStorageValue>>, [number, number]>();
  #stored = 0;
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage, counts: ObjectCounts) {
    this.#counts = counts;
    this.#sql = storage.sql;
    this.storage = only(storage, {
      sql: only(storage.sql, {
        exec: (query: string, ...bindings: SqlStorageValue[]) => {
          this.#count();
          const cursor = storage.sql.exec(query, ...bindings);
          this.#cursors.set(cursor, [0, 0]);
          return cursor;
        },
      }),
      kv: only(storage.kv, {
        get: (key: string) => {
          counts.rowsRead += 1;
          return storage.kv.get(key);
        },
        put: (key: string, value: unknown) => {
          counts.rowsWritten += 1;
          storage.kv.put(key, value);
        },
      }),
      getAlarm: () => {
        counts.rowsRead += 1;
        return storage.getAlarm();
      },
      setAlarm: (at: number | Date) => {
        counts.alarmsSet += 1;
        return storage.setAlarm(at);
      },
    });
  }

  /** Nothing reads any more. */
  settle(): void {
    if (this.#cursors.size === 0) return;
    this.#count();
    this.#cursors.clear();
    const stored = this.#sql.databaseSize;
    this.#counts.stored += stored - this.#stored;
    this.#stored = stored;
  }

  #count(): void {
    for (const [cursor, [read, written]] of this.#cursors) {
      const { rowsRead, rowsWritten } = cursor;
      this.#counts.rowsRead += rowsRead - read;
      this.#counts.rowsWritten += rowsWritten - written;
      this.#cursors.set(cursor, [rowsRead, rowsWritten]);
    }
  }
}

/** An object of which only these members can be used. */
const only = <Whole extends object>(whole: Whole, members: Partial<Record<keyof Whole, unknown>>): Whole =>
  new Proxy(whole, {
    get: (_, name) => {
      const member: unknown = Reflect.get(members, name);
      if (member === undefined) throw new Error(`${String(name)} is not metered`);
      return member;
    },
  });
