/** Leases in Postgres, and by its clock: each method is one statement. The session is the caller's. */
import * as v from "valibot";
import type { SqlClient } from "../db/session.ts";
import { Place } from "./place.ts";

/** Milliseconds; a statement that takes longer rejects and ends the session. */
const ANSWER_MS = 1_500;

const Worker = v.object({
  id: v.string(),
  place: Place,
  /** Milliseconds since it renewed, and until it expires. */
  silent: v.number(),
  left: v.number(),
  /** Whether it has a relay. */
  reaches: v.boolean(),
});
const Lease = v.object({
  shard: v.number(),
  /** Null where no living worker holds it. */
  holder: v.nullable(v.string()),
  /**
   * Since when, and until how many milliseconds ago, a holder that died may have answered what the audit log does
   * not tell; null where none did.
   */
  unlogged: v.nullable(v.object({ since: v.number(), ago: v.number() })),
});

/** Who lives, in the order of ids, and who holds what, in the order of shards. */
const Census = v.object({ workers: v.array(Worker), leases: v.array(Lease) });
export type Census = v.InferOutput<typeof Census>;
export type LivingWorker = v.InferOutput<typeof Worker>;

/** What a worker says of itself. */
export interface Report {
  /** Until when (milliseconds since 1970, by its own clock) all its answers are in the audit log. */
  logged: number;
  reaches: boolean;
  /** How many keys it cannot open. */
  broken: number;
}

export class LeaseTable {
  #session: SqlClient;

  constructor(session: SqlClient) {
    this.#session = session;
  }

  /**
   * Registers a worker, or has it hold what it holds for `lasts` milliseconds from now on. False when it has been
   * found dead: then it holds nothing any more.
   */
  async renew(id: string, place: Place, lasts: number, report: Report): Promise<boolean> {
    const rows = await this.#query(
      `INSERT INTO "Workers" (id, place, renewed, expires, logged, reaches, broken)
       VALUES ($1, $2, satoshigle_now(), satoshigle_now() + $3, $4, $5, $6)
       ON CONFLICT (id) DO UPDATE SET renewed = excluded.renewed, expires = excluded.expires, logged = excluded.logged,
         reaches = excluded.reaches, broken = excluded.broken
         WHERE NOT "Workers".dead
       RETURNING id`,
      [id, JSON.stringify(place), lasts, report.logged, report.reaches, report.broken],
    );
    return rows.length > 0;
  }

  async census(): Promise<Census> {
    const [row] = await this.#query(
      `SELECT
         (SELECT coalesce(json_agg(json_build_object('id', id, 'place', place, 'silent', now - renewed,
           'left', expires - now, 'reaches', reaches) ORDER BY id), '[]') FROM "Workers" WHERE NOT dead) AS workers,
         (SELECT json_agg(json_build_object('shard', shard, 'holder', living.id, 'unlogged',
           CASE WHEN "unloggedUntil" IS NULL THEN NULL
             ELSE json_build_object('since', "unloggedSince", 'ago', now - "unloggedUntil") END) ORDER BY shard)
           FROM "Leases" LEFT JOIN "Workers" AS living ON living.id = worker AND NOT dead) AS leases
       FROM satoshigle_now() AS now`,
      [],
    );
    return v.parse(Census, row);
  }

  /** Declares dead who has not renewed in time, and those of whom it is certain otherwise. Whether there was any. */
  async bury(self: string, certain: readonly string[]): Promise<boolean> {
    // Who renews at this moment is waited for, and looked at again.
    const rows = await this.#query(
      `UPDATE "Workers" SET dead = true
       WHERE NOT dead AND id <> $1 AND (expires <= satoshigle_now() OR id = ANY($2::text[])) RETURNING id`,
      [self, certain],
    );
    return rows.length > 0;
  }

  /**
   * Takes at most so many free shards. Which ones, the next census tells. Whether there was any. What a holder that died
   * may have answered is added to what others before it have, if the last of these died within `remembered` milliseconds.
   */
  async acquire(id: string, most: number, remembered: number): Promise<boolean> {
    const rows = await this.#query(
      `WITH free AS (
         SELECT shard, former.logged FROM "Leases" LEFT JOIN "Workers" AS former ON former.id = worker AND dead
         WHERE worker IS NULL OR former.id IS NOT NULL
         ORDER BY shard LIMIT $2 FOR UPDATE OF "Leases" SKIP LOCKED
       )
       UPDATE "Leases" SET worker = $1,
         "unloggedSince" = CASE WHEN logged IS NULL THEN "unloggedSince"
           ELSE least(logged, CASE WHEN "unloggedUntil" > satoshigle_now() - $3 THEN "unloggedSince" END) END,
         "unloggedUntil" = CASE WHEN logged IS NULL THEN "unloggedUntil" ELSE satoshigle_now() END
       FROM free WHERE "Leases".shard = free.shard RETURNING "Leases".shard`,
      [id, most, remembered],
    );
    return rows.length > 0;
  }

  /** Gives these shards up, all that was answered for them being in the audit log. */
  async release(id: string, shards: readonly number[]): Promise<void> {
    await this.#query('UPDATE "Leases" SET worker = NULL WHERE worker = $1 AND shard = ANY($2::smallint[])', [
      id,
      shards,
    ]);
  }

  /** Gives everything up, and is not counted any more. */
  async leave(id: string): Promise<void> {
    await this.#query(
      `WITH freed AS (UPDATE "Leases" SET worker = NULL WHERE worker = $1) DELETE FROM "Workers" WHERE id = $1`,
      [id],
    );
  }

  #query = (sql: string, values: unknown[]) => this.#session.query(sql, values, ANSWER_MS);
}
