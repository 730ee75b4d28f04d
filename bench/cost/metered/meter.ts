/** Where everything is counted: once for the whole runtime, as the Worker and all objects run in one isolate. */
import type { Counts, ObjectCounts } from "../counts.ts";

export const counts: Counts = { workerRequests: 0, lines: 0, objects: {} };

export const countsOf = (className: string): ObjectCounts => {
  counts.objects[className] ??= {
    calls: {},
    messages: 0,
    closes: 0,
    alarms: 0,
    alarmsSet: 0,
    rowsRead: 0,
    rowsWritten: 0,
    active: 0,
    stored: 0,
  };
  return counts.objects[className];
};

/** When one object has something to do. Several things at a time count once, as on the bill. */
export class Activity {
  readonly #counts: ObjectCounts;
  readonly #onRest: () => void;
  #underWay = 0;
  #since = 0;

  /** @param onRest called whenever nothing more is to be done */
  constructor(counts: ObjectCounts, onRest: () => void) {
    this.#counts = counts;
    this.#onRest = onRest;
  }

  /** Goes on until the result is there. */
  during<Result>(action: () => Result): Result {
    this.#begin();
    try {
      const result = action();
      if (!(result instanceof Promise)) {
        this.#end();
        return result;
      }
      const end = () => this.#end();
      result.then(end, end);
      return result;
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  #begin(): void {
    if (this.#underWay++ === 0) this.#since = Date.now();
  }

  #end(): void {
    if (--this.#underWay > 0) return;
    this.#counts.active += Date.now() - this.#since;
    this.#onRest();
  }
}

const log: Console = Reflect.get(globalThis, "console");
for (const level of ["debug", "error", "info", "log", "warn"] as const) {
  const write = log[level].bind(log);
  log[level] = (...what: unknown[]) => {
    counts.lines += 1;
    if (level === "error") write(...what);
  };
}
