/** How long it takes to match tickets that come all at once, whatever their people wish. */
import { Matching, type Ticket } from "../../edge/matching.ts";
import { quantile } from "../statistics.ts";

/** Milliseconds. */
export interface Shape {
  name: string;
  first: number;
  median: number;
  pairs: number;
}

const TIMES = { rematchWindow: 60_000, relaxTime: 5_000 };

const pick = (count: number, of: number): string[] => [
  ...new Set(Array.from({ length: count }, () => `i${Math.floor(Math.random() * of)}`)),
];

const shapes = (count: number): Record<string, (index: number) => Partial<Ticket>> => ({
  "no interests": () => ({}),
  "up to 3 interests of 200": () => ({ interests: pick(3, 200) }),
  "up to 8 interests of 100,000": () => ({ interests: pick(8, 100_000) }),
  "8 interests, all the same": () => ({ interests: [..."abcdefgh"] }),
  "an interest of one's own": (index) => ({ interests: [`i${index}`] }),
  "two modes, 3 interests of 200": (index) => ({
    mode: index % 2 > 0 ? "video" : "text",
    interests: pick(3, 200),
  }),
  "200 blocked, 50 met, 3 interests of 200": (index) => ({
    blocked: Array.from({ length: 200 }, (_, n) => `p${(index + n * n + 1) % count}`),
    met: Array.from({ length: 50 }, (_, n) => `p${(index + 7 * n + 1) % count}`),
    interests: pick(3, 200),
  }),
  "all blocked by the first": (index) => (index > 0 ? { names: ["disliked"] } : { blocked: ["disliked"] }),
});

/** Milliseconds until all are matched, those too who wait for the relax time, but for that time. */
const run = (tickets: Ticket[]): { took: number; pairs: number } => {
  const matching = new Matching(TIMES);
  const begun = performance.now();
  let pairs = 0;
  for (const ticket of tickets) pairs += matching.enter(ticket, 0).length;
  pairs += matching.advance(TIMES.relaxTime).length;
  return { took: performance.now() - begun, pairs };
};

/** Each shape of so many tickets, so many times. */
export const measureMatching = (count: number, runs: number): Shape[] =>
  Object.entries(shapes(count)).map(([name, of]) => {
    const tickets = Array.from({ length: count }, (_, index): Ticket => {
      const id = `p${index}`;
      return { id, since: 0, mode: "video", interests: [], names: [id], blocked: [], met: [], ...of(index) };
    });
    const { took: first, pairs } = run(tickets);
    const times = [first, ...Array.from({ length: runs - 1 }, () => run(tickets).took)];
    return { name, first, median: quantile(Float64Array.from(times).sort(), 0.5), pairs };
  });
