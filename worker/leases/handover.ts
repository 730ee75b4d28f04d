/** What it means for the rest of the worker that a shard is gained, given up, or lost. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Audit } from "../audit.ts";
import type { Bunkers } from "../bunkers.ts";
import { describe, within } from "../db/session.ts";
import type { Gate } from "../gate.ts";
import type { Logger } from "../log.ts";
import type { Relays } from "../relays.ts";
import type { Router } from "../router.ts";
import type { Scanner } from "../scanner.ts";
import { type Holding, type Holdings, REMEMBERED_MS } from "./holdings.ts";
import type { Report } from "./lease-table.ts";
import type { Reach } from "./reach.ts";
import { prefixOf, SHARDS, shardOfNpub } from "./shards.ts";

/** Requests in hand may take this long, in milliseconds; what is not answered by then the next holder answers. */
const DRAIN_MS = 2_000;
const RETRY_MS = 500;
/** Requests are taken after so many milliseconds in any case: better that clients are refused than that they hear nothing. */
const READY_MS = 5_000;

export interface HandoverOptions {
  holdings: Holdings;
  audit: Pick<Audit, "answered" | "flush" | "loggedUntil">;
  gate: Pick<Gate, "ready">;
  router: Pick<Router, "remember" | "settle">;
  bunkers: Pick<Bunkers, "drop" | "counts">;
  relays: Pick<Relays, "withdraw" | "renewAll">;
  reach: Reach;
  scanner: Pick<Scanner, "gained">;
  /** Told of shards that are served from now on. */
  onServed(shards: number[]): void;
  log: Logger;
  /** Milliseconds since 1970. */
  now(): number;
}

export class Handover {
  #options: HandoverOptions;

  constructor(options: HandoverOptions) {
    this.#options = options;
  }

  report(): Report {
    const { audit, bunkers, reach } = this.#options;
    return { logged: audit.loggedUntil, reaches: reach.look(), broken: bunkers.counts.broken };
  }

  /**
   * Serves what was gained as soon as it is known which requests were answered before, and the database answers requests:
   * a worker that was frozen may have its leases again before it has the session that requests ask through.
   */
  async take(gained: Holding[]): Promise<void> {
    const { holdings, audit, gate, router, scanner, log, now } = this.#options;
    const shards = gained.map(({ shard }) => prefixOf(shard));
    while (gained.some((holding) => holdings.has(holding))) {
      try {
        const { ids, clients } = await audit.answered(shards, now() - REMEMBERED_MS);
        router.remember(ids, clients);
        break;
      } catch (error) {
        log.warn({ reason: describe(error) }, "what was answered before cannot be read, trying again");
        await sleep(RETRY_MS);
      }
    }
    await within(gate.ready(), READY_MS, "not ready").catch(() => {});
    const ready = gained.filter((holding) => holdings.has(holding));
    for (const holding of ready) holding.stage = "serving";
    if (ready.length === 0) return;
    this.#say("took", ready);
    this.#options.onServed(ready.map(({ shard }) => shard));
    await scanner.gained(ready.map(({ shard }) => shard));
  }

  /** Finishes what is in hand, until all of it is in the audit log: then others may go on. */
  async give(giving: Holding[]): Promise<void> {
    const { holdings, audit, router } = this.#options;
    for (const holding of giving) holding.stage = "draining";
    await router.settle(DRAIN_MS);
    for (const holding of giving) holding.stage = "logging";
    while (giving.some((holding) => holdings.has(holding)) && !(await audit.flush())) await sleep(RETRY_MS);
    for (const holding of giving) holding.stage = "done";
  }

  /** These were given up. What was answered stays to be delivered: nobody else will answer it. */
  given(done: Holding[]): void {
    this.#drop(done);
    this.#say("handed over", done);
  }

  /** Others may answer for these already: nothing more leaves this worker. */
  lose(lost: Holding[]): void {
    this.#options.relays.withdraw(this.#drop(lost));
    this.#say("lost", lost);
  }

  /** Requests may have been passed over for a while: relays are asked for them again. */
  recover(): void {
    this.#options.relays.renewAll();
  }

  /** Forgets the keys of shards that are not held any more; returns their public keys (hex). */
  #drop(gone: Holding[]): string[] {
    const { router, bunkers } = this.#options;
    const shards = new Set(gone.map(({ shard }) => shard));
    const keys = bunkers.drop((npub) => shards.has(shardOfNpub(npub)));
    // Requests in hand may hold them; their replies are not sent.
    void router.settle(DRAIN_MS).then(() => {
      for (const key of keys) key.destroy();
    });
    return keys.map(({ pubkey }) => pubkey);
  }

  #say(what: string, holdings: Holding[]): void {
    const held = this.#options.holdings.in("serving").length;
    const count = holdings.length === 1 ? "1 shard" : `${holdings.length} shards`;
    this.#options.log[what === "lost" ? "warn" : "info"](
      { shards: holdings.map(({ shard }) => shard) },
      `${what} ${count} of the key space, holds ${held} of ${SHARDS}`,
    );
  }
}
