/** Which shards this worker holds, and how far it is with each: what every request asks, twice. Memory only. */
import type { Deadline } from "./deadline.ts";
import { SHARDS, shardOf, shardOfNpub } from "./shards.ts";

/** For how long it matters what was answered: twice as long as a request is fresh. */
export const REMEMBERED_MS = 240_000;

/**
 * `preparing`: what its former holder answered is still being read; `draining`: no request is taken any more, but
 * those in hand are answered; `logging`: nothing is answered any more, and what was is still being written to the
 * audit log; `done`: to be given up.
 */
export type Stage = "preparing" | "serving" | "draining" | "logging" | "done";

/** When former holders may have answered what the audit log does not tell, in milliseconds since 1970. */
export interface Unlogged {
  since: number;
  /** Until when that matters. */
  until: number;
  /** Which of the times it is that shards were gained: who holds them in between may have answered more. */
  gain: number;
}

/** A shard from when it was gained until it is given up or lost. */
export interface Holding {
  shard: number;
  stage: Stage;
  /** Null where the log tells all. */
  unlogged: Unlogged | null;
}

export class Holdings {
  #deadline: Deadline;
  #shards: (Holding | undefined)[] = new Array(SHARDS).fill(undefined);

  constructor(deadline: Deadline) {
    this.#deadline = deadline;
  }

  /** Whether a request to a key (hex) is for this worker to take. */
  takes(pubkey: string): boolean {
    return this.#shards[shardOf(pubkey)]?.stage === "serving" && !this.#deadline.hasPassed;
  }

  /** Whether a reply of a key (hex) may leave this worker. */
  answers(pubkey: string): boolean {
    const stage = this.#shards[shardOf(pubkey)]?.stage;
    return (stage === "serving" || stage === "draining") && !this.#deadline.hasPassed;
  }

  /** Whether a bunker should run here for an npub, if it has a token. */
  serves(npub: string): boolean {
    return this.#shards[shardOfNpub(npub)]?.stage === "serving";
  }

  /** What former holders may have answered for a key (hex) that the audit log does not tell; null where it tells all. */
  unlogged(pubkey: string, now: number): Unlogged | null {
    const unlogged = this.#shards[shardOf(pubkey)]?.unlogged;
    return unlogged && now < unlogged.until ? unlogged : null;
  }

  at(shard: number): Holding | undefined {
    return this.#shards[shard];
  }

  has(holding: Holding): boolean {
    return this.#shards[holding.shard] === holding;
  }

  all(): Holding[] {
    return this.#shards.filter((holding) => holding !== undefined);
  }

  in(stage: Stage): Holding[] {
    return this.all().filter((holding) => holding.stage === stage);
  }

  add(holding: Holding): void {
    this.#shards[holding.shard] = holding;
  }

  remove({ shard }: Holding): void {
    this.#shards[shard] = undefined;
  }
}
