/**
 * Keeps this worker's part of the key space: renews what it holds, takes its fair share of what is free, gives up what
 * is too much. One turn at a time, every so often and whenever something changes.
 */
import { randomUUID } from "node:crypto";
import type { Database } from "../db/open.ts";
import { describe, within } from "../db/session.ts";
import type { Logger } from "../log.ts";
import { Awaited } from "./awaited.ts";
import { type Clock, Deadline } from "./deadline.ts";
import type { Handover } from "./handover.ts";
import { type Holding, Holdings, REMEMBERED_MS } from "./holdings.ts";
import { LeaseSession } from "./lease-session.ts";
import type { Census, LeaseTable, LivingWorker } from "./lease-table.ts";
import { describePlace, isGone, type Place } from "./place.ts";
import { fairShare, sharersOf } from "./share.ts";

/** Milliseconds from one renewal to the next, and that a renewal lasts while there are other workers. */
const RENEW_MS = 1_500;
const SHARED_MS = 6_000;
/** A worker relies on a lease for that much less than it lasts. */
const MARGIN_MS = 1_000;
const RETRY_MS = 500;
/** Steps of one turn: with more, things change so often that the next turn will do. */
const MOST_STEPS = 10;
const LEAVE_MS = 1_500;

export interface LeasesOptions {
  database: Pick<Database, "connect">;
  place: Place;
  /** How long, in milliseconds, a renewal lasts while there is no other worker: longer than the database may be away. */
  aloneMs: number;
  clock: Clock;
  log: Logger;
}

export class Leases {
  readonly holdings: Holdings;
  #options: LeasesOptions;
  #deadline: Deadline;
  #session: LeaseSession;
  #handover: Handover | undefined;
  #id: string = randomUUID();
  #alone = false;
  #census: Census = { workers: [], leases: [] };
  #turn: Promise<void> | undefined;
  #due = false;
  #timer: NodeJS.Timeout | undefined;
  #taking: Promise<void> | undefined;
  #state: "open" | "halted" | "closed" = "open";
  #gains = 0;
  /** Said once each: that renewing fails, and that what is held has run out. */
  #failing = false;
  #lapsed = false;
  #awaited: Awaited;

  constructor(options: LeasesOptions) {
    this.#options = options;
    this.#deadline = new Deadline(options.clock);
    this.holdings = new Holdings(this.#deadline);
    this.#awaited = new Awaited(options.log);
    this.#session = new LeaseSession(options.database, () => void this.#wake());
  }

  /** Registers this worker; resolves when it serves what it could get at once. */
  async start(handover: Handover): Promise<void> {
    this.#handover = handover;
    await this.#wake();
    await this.#taking;
  }

  /** From now on shards are renewed, but neither taken nor given up. */
  halt(): void {
    this.#state = "halted";
  }

  /**
   * Gives everything up. Takes a few seconds at most.
   *
   * @param isLogged whether all that was answered is in the audit log. If not, others take over only when the leases
   *   run out, as from a worker that died, and ask the relays what it answered.
   */
  async leave(isLogged: boolean): Promise<void> {
    this.#state = "closed";
    clearTimeout(this.#timer);
    if (!this.#handover) return;
    const goodbye = async () => {
      await this.#turn;
      if (!isLogged) throw new Error("not all that was answered is in the audit log");
      await (await this.#session.table()).leave(this.#id);
    };
    await within(goodbye(), LEAVE_MS, "no answer").catch((error) =>
      this.#options.log.warn({ reason: describe(error) }, "could not hand over: what is held has to run out"),
    );
    await this.#session.close();
  }

  /** Whether this worker may rely on what it holds. */
  get areHeld(): boolean {
    return !this.#deadline.hasPassed;
  }

  /** What this worker holds and until when it may rely on it, and who holds what by the last look. */
  status() {
    const { workers, leases } = this.#census;
    return {
      ready: this.areHeld && this.holdings.in("preparing").length === 0,
      shards: this.holdings.in("serving").length,
      alone: this.#alone,
      lastsMs: Math.max(0, Math.round(this.#deadline.remaining)),
      workers: workers.map(({ id, place, reaches }) => ({
        place: describePlace(place),
        self: id === this.#id,
        reaches,
        shards: leases.filter(({ holder }) => holder === id).length,
      })),
    };
  }

  #wake(): Promise<void> {
    this.#due = true;
    this.#turn ??= this.#take().finally(() => {
      this.#turn = undefined;
    });
    return this.#turn;
  }

  async #take(): Promise<void> {
    clearTimeout(this.#timer);
    let wait = 0;
    while (this.#due && this.#state !== "closed") {
      this.#due = false;
      wait = await this.#settle();
    }
    if (this.#state !== "closed") this.#timer = setTimeout(() => void this.#wake(), wait);
  }

  /** Takes step after step until nothing is left to do; returns the milliseconds until the next turn. */
  async #settle(): Promise<number> {
    const { log } = this.#options;
    try {
      const table = await this.#session.table();
      for (let steps = 0; steps < MOST_STEPS; steps++) {
        await this.#renew(table);
        this.#census = await table.census();
        this.#compare();
        if (!(await this.#step(table))) break;
      }
      if (this.#failing) log.info("leases are renewed again");
      this.#failing = false;
      return Math.max(20, Math.min(RENEW_MS, ...this.#others().map(({ left }) => left + 10)));
    } catch (error) {
      if (!this.#failing) log.warn({ reason: describe(error) }, "leases cannot be renewed, trying again");
      this.#failing = true;
      this.#noticeLapse();
      return RETRY_MS;
    }
  }

  async #renew(table: LeaseTable): Promise<void> {
    const { place, aloneMs, clock } = this.#options;
    this.#noticeLapse();
    const lasts = this.#alone ? aloneMs : SHARED_MS;
    const sent = clock();
    const report = this.#handover?.report() ?? { logged: 0, reaches: false, broken: 0 };
    if (await table.renew(this.#id, place, lasts, report)) {
      this.#deadline.set(sent, lasts - MARGIN_MS);
      this.#noticeReturn();
      return;
    }
    // The others found this worker dead, and have taken what it held. It is another one from now on.
    this.#id = randomUUID();
    this.#alone = false;
    this.#lapsed = false;
  }

  /** Makes what is held here equal to what the database says. */
  #compare(): void {
    const mine = this.#census.leases.filter(({ holder }) => holder === this.#id);
    const lost = this.holdings.all().filter(({ shard }) => !mine.some((lease) => lease.shard === shard));
    for (const holding of lost) this.holdings.remove(holding);
    if (lost.length > 0) this.#handover?.lose(lost);

    const now = this.#options.clock().wall;
    const gain = ++this.#gains;
    const gained = mine
      .filter(({ shard }) => !this.holdings.at(shard))
      .map(({ shard, unlogged }): Holding => {
        const until = now + REMEMBERED_MS - (unlogged?.ago ?? REMEMBERED_MS);
        return { shard, stage: "preparing", unlogged: unlogged && { since: unlogged.since, until, gain } };
      });
    for (const holding of gained) this.holdings.add(holding);
    if (gained.length > 0) this.#taking = this.#handover?.take(gained);
  }

  /** Does one thing that the census calls for; false when there is none. */
  async #step(table: LeaseTable): Promise<boolean> {
    const { place, log } = this.#options;
    const others = this.#others();
    const certain = others.filter((other) => isGone(other.place, place)).map(({ id }) => id);
    const over = others.filter(({ id, left }) => left <= 0 || certain.includes(id));
    if (over.length > 0 && (await table.bury(this.#id, certain))) {
      for (const worker of over) log.warn(`the worker at ${describePlace(worker.place)} is gone`);
      return true;
    }
    if (this.#alone !== (others.length === 0)) {
      this.#alone = !this.#alone;
      // Before it is asked for: without an answer nobody knows whether it has come to pass.
      if (!this.#alone) this.#deadline.shorten(SHARED_MS - MARGIN_MS);
      return true;
    }
    const done = this.holdings.in("done");
    if (done.length > 0) {
      await table.release(
        this.#id,
        done.map(({ shard }) => shard),
      );
      for (const holding of done) this.holdings.remove(holding);
      this.#handover?.given(done);
      return true;
    }
    this.#awaited.look(this.#census, this.#options.clock().wall);
    return this.#state === "open" && this.#rebalance(table);
  }

  async #rebalance(table: LeaseTable): Promise<boolean> {
    const count = (id: string | null) => this.#census.leases.filter(({ holder }) => holder === id).length;
    const sharers = sharersOf(this.#census.workers);
    const share = fairShare(this.#id, new Map(sharers.map(({ id }) => [id, count(id)])));
    const serving = this.holdings.in("serving");
    const tooMany = serving.length + this.holdings.in("preparing").length - share;
    const giving = serving.slice(0, Math.max(0, tooMany));
    if (giving.length > 0) void this.#handover?.give(giving).then(() => this.#wake());
    const missing = Math.min(share - count(this.#id), count(null));
    return missing > 0 && table.acquire(this.#id, missing, REMEMBERED_MS);
  }

  #others(): LivingWorker[] {
    return this.#census.workers.filter(({ id }) => id !== this.#id);
  }

  #noticeLapse(): void {
    if (this.#lapsed || !this.#deadline.hasPassed || this.holdings.all().length === 0) return;
    this.#lapsed = true;
    this.#options.log.warn("the leases have run out: no request is taken until they are renewed");
  }

  #noticeReturn(): void {
    if (!this.#lapsed) return;
    this.#lapsed = false;
    this.#options.log.info("the leases are held on to: requests are taken again");
    this.#handover?.recover();
  }
}
