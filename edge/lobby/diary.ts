/** What a lobby writes down of its figures: in the log, and so that its memory may go. */
import { type Counts, Tally } from "../tally.ts";

/** Milliseconds between two entries, of which there are none while nothing happens. */
const INTERVAL = 30_000;

export class Diary {
  readonly tally: Tally;
  readonly #storage: DurableObjectStorage;
  #writtenAt: number | undefined;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    const last = storage.kv.get<{ at: number; counts: Counts }>("diary");
    this.#writtenAt = last?.at;
    this.tally = new Tally(last?.counts);
  }

  /** Something has happened. */
  note(now: number, figures: () => object): void {
    const before = this.#writtenAt;
    if (before !== undefined && now - before < INTERVAL) return;
    this.#writtenAt = now;
    this.#storage.kv.put("diary", { at: now, counts: this.tally.counts });
    if (before !== undefined) console.info(JSON.stringify({ message: "lobby", ...figures() }));
  }
}
