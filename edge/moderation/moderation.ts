import { DurableObject } from "cloudflare:workers";
import { LRUCache } from "lru-cache";
import { answered } from "../answered.ts";
import { ownSecret, Pseudonyms } from "../pseudonyms.ts";
import type { ModerationCalls, Name, News, Report } from "../rpc.ts";
import { TokenBucket } from "../token-bucket.ts";
import { type Ban, Bans } from "./bans.ts";
import { countPeople } from "./reporters.ts";
import { type KeptReport, Reports } from "./reports.ts";

const HOUR = 3_600_000;
const SUSPENSION = 24 * HOUR;
const ENOUGH = 3;
/** Reports from one address. */
const RATE = { burst: 20, perSecond: 20 / 3_600 };

/**
 * What people report of one another, and who may not come in: one object for all regions. It also keeps the secret of
 * the pseudonyms, so that an address has the same one everywhere. Directories keep copies: nobody waits for this object.
 */
export class Moderation extends DurableObject<Env> implements ModerationCalls {
  readonly #reports: Reports;
  readonly #bans: Bans;
  readonly #rates = new LRUCache<Name, TokenBucket>({ max: 10_000 });

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#reports = new Reports(ctx.storage.sql);
    this.#bans = new Bans(ctx.storage.sql);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS regions (name TEXT PRIMARY KEY) WITHOUT ROWID");
  }

  async report(report: Report): Promise<void> {
    const now = Date.now();
    if (!this.#mayReport(report.by, now)) return;
    this.#reports.add(report, now);
    const isEnough = report.whom.some(
      (name) => countPeople(this.#reports.reporters(name, now - HOUR)) >= ENOUGH,
    );
    if (isEnough) this.#suspend(report.whom, now);
    await this.#schedule();
  }

  news(region: string, version: number): News {
    const added = this.ctx.storage.sql.exec(
      "INSERT OR IGNORE INTO regions VALUES (?) RETURNING name",
      region,
    );
    if (added.toArray().length > 0) this.ctx.waitUntil(this.#spread());
    const secret = ownSecret(this.ctx.storage).toHex();
    return { secret, regions: this.regions(), ...this.#bans.changes(version) };
  }

  regions(): string[] {
    return [...this.ctx.storage.sql.exec<{ name: string }>("SELECT name FROM regions ORDER BY name")].map(
      ({ name }) => name,
    );
  }

  /** The latest first: up to `limit` of those with an id below `before`. */
  reports(before: number, limit: number): KeptReport[] {
    return this.#reports.list(before, limit);
  }

  bans(): Ban[] {
    return this.#bans.list();
  }

  /** Whom an IP address stands for. */
  nameOf(ip: string): Promise<Name> {
    return new Pseudonyms(ownSecret(this.ctx.storage)).of(ip);
  }

  /** The operator's; when it returns, those concerned are told and closed, as far as their regions answer. */
  async ban(name: Name, until: number, reason: string): Promise<Ban> {
    const ban: Ban = { name, since: Date.now(), until, reason, by: "operator" };
    this.#bans.set(ban);
    await this.#schedule();
    await this.#spread();
    return ban;
  }

  /** Whether there was a ban. Earlier reports count against this name no more. */
  async lift(name: Name): Promise<boolean> {
    this.#reports.pardon(name);
    const wasBanned = this.#bans.lift(name);
    if (wasBanned) await this.#spread();
    return wasBanned;
  }

  override async alarm(): Promise<void> {
    this.#reports.prune(Date.now());
    this.#bans.prune(Date.now());
    await this.#schedule();
  }

  /** All present names of somebody, but for those that are banned for longer. */
  #suspend(names: Name[], now: number): void {
    const until = now + SUSPENSION;
    const reason = `reported by ${ENOUGH} people within an hour`;
    const shorter = names.filter((name) => (this.#bans.get(name)?.until ?? 0) < until);
    for (const name of shorter) this.#bans.set({ name, since: now, until, reason, by: "reports" });
    if (shorter.length > 0) this.ctx.waitUntil(this.#spread());
  }

  #mayReport(names: Name[], now: number): boolean {
    return names.every((name) => this.#rate(name).take(now) === 0);
  }

  #rate(name: Name): TokenBucket {
    const rate = this.#rates.get(name) ?? new TokenBucket(RATE);
    this.#rates.set(name, rate);
    return rate;
  }

  /** Has every directory read the news. One that does not answer finds them by itself. */
  async #spread(): Promise<void> {
    await answered(this.regions().map(async (region) => this.env.DIRECTORY.getByName(region).update()));
  }

  /** There is an alarm whenever something is to be removed one day. */
  async #schedule(): Promise<void> {
    const due = Math.min(this.#reports.due, this.#bans.due);
    if (due === Number.POSITIVE_INFINITY || due === (await this.ctx.storage.getAlarm())) return;
    await this.ctx.storage.setAlarm(due);
  }
}
