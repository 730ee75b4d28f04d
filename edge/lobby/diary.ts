/** What a lobby writes down of its figures: in the log, and so that its memory may go. */
import { type Counts, Tally } from "../tally.ts";

type Entry = { at: number; counts: Counts };

/** Milliseconds between two entries, of which there are none while nothing happens. */
const INTERVAL = 30_000;

export class Diary {
  readonly tally: Tally;
  readonly #storage: DurableObjectStorage;
  #writtenAt: number | undefined;

  /** @param remembered what sockets say of the figures; the latest of all counts */
  constructor(storage: DurableObjectStorage, remembered: Counts[]) {
    this.#storage = storage;
    const last = storage.kv.get<Entry>("diary");
    this.#writtenAt = last?.at;
    const [latest] = [...(last ? [last.counts] : []), ...remembered].sort((a, b) => total(b) - total(a));
    this.tally = new Tally(latest);
  }

  /** Something has happened. */
  note(now: number, figures: () => object): void {
    const before = this.#writtenAt;
    if (before !== undefined && now - before < INTERVAL) return;
    this.write(now);
    if (before !== undefined) console.info(JSON.stringify({ message: "lobby", ...figures() }));
  }

  /** Keeps the counts where they outlive the sockets, too. */
  write(now: number): void {
    this.#writtenAt = now;
    this.#storage.kv.put<Entry>("diary", { at: now, counts: this.tally.counts });
  }
}

/** Grows with whatever is counted. */
const total = ({ matchesMade, signals, refusals }: Counts): number =>
  Object.values(refusals).reduce((sum, count) => sum + count, matchesMade + signals);
