/** The clients, in a process of their own: one party of them at a time. */
import { serve } from "../../program.ts";
import { quantile } from "../../statistics.ts";
import { DIALECTS, type DialectName } from "./dialects.ts";
import { Party } from "./party.ts";
import { Person } from "./person.ts";

interface Server {
  url: string;
  dialect: DialectName;
}

/** Milliseconds. */
export interface Meetings {
  /** From when two began to connect until both were matched. */
  p50: number;
  p99: number;
  /** From when two began to search. */
  searchP50: number;
}

let party: Party | undefined;

const present = (): Party => {
  if (!party) throw new Error("nobody is there");
  return party;
};

const meet = async ({ url, dialect }: Server): Promise<{ joined: number; searched: number }> => {
  const begun = performance.now();
  const two = await Promise.all([1, 2].map(() => Person.join(url, DIALECTS[dialect])));
  const matched = two.map(
    (person) =>
      new Promise<void>((resolve) => {
        person.onHeard = (heard) => heard.what === "matched" && resolve();
      }),
  );
  const searchedAt = performance.now();
  for (const person of two) person.search();
  await Promise.all(matched);
  const now = performance.now();
  await Promise.all(two.map((person) => person.leave()));
  return { joined: now - begun, searched: now - searchedAt };
};

const calls = {
  /** Two come, are matched and go, again and again. */
  meet: async ({ times, ...server }: Server & { times: number }): Promise<Meetings> => {
    const joined: number[] = [];
    const searched: number[] = [];
    for (let time = 0; time < times; time++) {
      const took = await meet(server);
      joined.push(took.joined);
      searched.push(took.searched);
    }
    const sorted = Float64Array.from(joined).sort();
    return {
      p50: quantile(sorted, 0.5),
      p99: quantile(sorted, 0.99),
      searchP50: quantile(Float64Array.from(searched).sort(), 0.5),
    };
  },
  /** So many come; the seconds that this takes. */
  open: async ({ url, dialect, count }: Server & { count: number }): Promise<number> => {
    const begun = performance.now();
    party = await Party.open(url, DIALECTS[dialect], count);
    return (performance.now() - begun) / 1_000;
  },
  pairUp: () => present().pairUp(),
  relay: ({ rate, seconds }: { rate: number; seconds: number }) => present().relay(rate, seconds),
  exchange: ({ seconds, isBatched }: { seconds: number; isBatched: boolean }) =>
    present().exchange(seconds, isBatched),
  /** All go; what was refused to them, as text. */
  leave: async (): Promise<string> => {
    const { refusals } = present();
    await present().leave();
    party = undefined;
    return Object.entries(refusals)
      .map(([why, times]) => `${why} ${times}×`)
      .join(", ");
  },
};
export type ClientCalls = typeof calls;
serve(calls);
