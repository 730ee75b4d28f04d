import { DurableObject } from "cloudflare:workers";
import { Pseudonyms } from "./pseudonyms.ts";
import { readSettings } from "./settings.ts";

/** `id` names the connection in its lobby, and is its lease here. */
export type Admission =
  | { admitted: true; id: string; lobby: string }
  | { admitted: false; retryAfter: number };

type Lease = { id: string; lobby: string };

/** Milliseconds. From its lease to its arrival in the lobby a connection takes less. */
const ARRIVAL = 5_000;
const SWEEP_INTERVAL = 86_400_000;

/**
 * Says which lobby of a region takes a new connection, and how many connections an address holds.
 *
 * A lobby gives a lease back when the socket closes. What a crash leaves behind is found by asking the lobbies: when
 * an address would be refused, and once a day. So nothing needs renewing, and sleeping lobbies sleep.
 */
export class Directory extends DurableObject<Env> {
  readonly #pseudonyms: Pseudonyms;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#pseudonyms = new Pseudonyms(ctx.storage);
    ctx.storage.sql.exec(`
      CREATE TABLE IF NOT EXISTS leases (
        id TEXT PRIMARY KEY, address TEXT NOT NULL, lobby TEXT NOT NULL, since INTEGER NOT NULL
      ) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS leases_address ON leases (address);
    `);
  }

  /** Admits a connection from an IP address to a lobby, or says after how many seconds to try again. */
  async admit(ip: string): Promise<Admission> {
    const address = await this.#pseudonyms.of(ip);
    if (this.#isFull(address)) await this.#reclaim(this.#leasesOf(address));
    if (this.#isFull(address)) return { admitted: false, retryAfter: ARRIVAL / 1_000 };
    const id = crypto.randomUUID();
    const lobby = `${this.ctx.id.name}/1`;
    this.ctx.storage.sql.exec("INSERT INTO leases VALUES (?, ?, ?, ?)", id, address, lobby, Date.now());
    if ((await this.ctx.storage.getAlarm()) === null)
      await this.ctx.storage.setAlarm(Date.now() + SWEEP_INTERVAL);
    return { admitted: true, id, lobby };
  }

  /** The connection is closed. */
  release(id: string): void {
    this.ctx.storage.sql.exec("DELETE FROM leases WHERE id = ?", id);
  }

  override async alarm(): Promise<void> {
    await this.#reclaim(this.#allLeases());
    const { left } = this.ctx.storage.sql.exec<{ left: number }>("SELECT count(*) AS left FROM leases").one();
    if (left > 0) await this.ctx.storage.setAlarm(Date.now() + SWEEP_INTERVAL);
  }

  #leasesOf(address: string): Iterable<Lease> {
    const query = "SELECT id, lobby FROM leases WHERE address = ? AND since < ?";
    return this.ctx.storage.sql.exec<Lease>(query, address, Date.now() - ARRIVAL);
  }

  #allLeases(): Iterable<Lease> {
    return this.ctx.storage.sql.exec<Lease>(
      "SELECT id, lobby FROM leases WHERE since < ?",
      Date.now() - ARRIVAL,
    );
  }

  #isFull(address: string): boolean {
    const query = "SELECT count(*) AS held FROM leases WHERE address = ?";
    const { held } = this.ctx.storage.sql.exec<{ held: number }>(query, address).one();
    return held >= readSettings(this.env).maxConnectionsPerAddress;
  }

  /** Of these leases, deletes those whose lobby knows nothing of them. */
  async #reclaim(leases: Iterable<Lease>): Promise<void> {
    for (const [lobby, held] of Map.groupBy(leases, (lease) => lease.lobby)) {
      const ids = held.map(({ id }) => id);
      const holding = new Set(await this.env.LOBBY.getByName(lobby).holding(ids));
      for (const id of ids) if (!holding.has(id)) this.release(id);
    }
  }
}
