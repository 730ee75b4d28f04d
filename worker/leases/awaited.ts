/** Tells the operator which workers nothing is heard of, and until when what they hold stays unserved. */
import type { Logger } from "../log.ts";
import type { Census } from "./lease-table.ts";
import { describePlace } from "./place.ts";

/** Milliseconds; a worker that is well has renewed more recently. */
const SILENT_MS = 3_500;

export class Awaited {
  #log: Logger;
  /** Those that were told of. */
  #told = new Set<string>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @param now milliseconds since 1970 */
  look({ workers, leases }: Census, now: number): void {
    for (const { id, place, silent, left } of workers) {
      const shards = leases.filter(({ holder }) => holder === id).length;
      if (silent < SILENT_MS || shards === 0 || this.#told.has(id)) continue;
      this.#told.add(id);
      const where = describePlace(place);
      const until = new Date(now + left).toISOString();
      this.#log.warn(
        { place: where, shards, until },
        `waiting for the worker at ${where}, silent for ${Math.round(silent / 1_000)} s: nothing proves that it has ended, so what it holds cannot be taken before ${until}`,
      );
    }
  }
}
