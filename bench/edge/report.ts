/** The figures as Markdown. */
import { number, table } from "../markdown.ts";
import type { Meetings } from "./clients/main.ts";
import type { Relayed } from "./clients/party.ts";
import type { Shape } from "./matching.ts";
import type { Crowd, Effort, Throughput } from "./measures.ts";

export interface Row {
  name: string;
  meetings: Meetings;
  relayed: Relayed;
  /** `undefined`: this server does not know batches. */
  batched: Throughput | undefined;
  unbatched: Throughput;
  crowd: Crowd;
}

export const shapesTable = (tickets: number, shapes: readonly Shape[]): string =>
  table([
    [`the matching alone: ${number(tickets)} tickets at once`, "first run, ms", "median, ms", "pairs"],
    ...shapes.map(({ name, first, median, pairs }) => [
      name,
      first.toFixed(1),
      median.toFixed(1),
      number(pairs),
    ]),
  ]);

export const latencyTable = (rows: readonly Row[], { rate }: Effort): string =>
  table([
    [
      "one of each at a time",
      "two join until matched: p50, ms",
      "p99",
      "two search until matched: p50, ms",
      `relay of a candidate, ${number(rate)}/s: p50, ms`,
      "p99",
      "lost",
    ],
    ...rows.map(({ name, meetings, relayed }) => [
      name,
      meetings.p50.toFixed(2),
      meetings.p99.toFixed(2),
      meetings.searchP50.toFixed(2),
      relayed.p50.toFixed(2),
      relayed.p99.toFixed(2),
      String(relayed.sent - relayed.arrived),
    ]),
  ]);

export const throughputTable = (rows: readonly Row[]): string => {
  const perCore = (it: Throughput | undefined) => (it ? number(it.matches / it.cpuSeconds) : "");
  const perSecond = (it: Throughput | undefined) => (it ? number(it.matches / it.seconds) : "");
  return table([
    [
      "complete matches",
      "for a second of CPU: in batches",
      "one by one",
      "a second: in batches",
      "one by one",
      "server's CPU",
    ],
    ...rows.map(({ name, batched, unbatched }) => [
      name,
      perCore(batched),
      perCore(unbatched),
      perSecond(batched),
      perSecond(unbatched),
      `${((100 * unbatched.cpuSeconds) / unbatched.seconds).toFixed(0)} %`,
    ]),
  ]);
};

export const crowdTable = (rows: readonly Row[]): string =>
  table([
    [
      "as many as can be",
      "sockets",
      "opened a second",
      "memory each, KB",
      "all search until all matched, ms",
    ],
    ...rows.map(({ name, crowd: { sockets, came, memory, matched } }) => [
      name,
      number(sockets),
      number(sockets / came),
      (memory / 1_000).toFixed(1),
      number(matched),
    ]),
  ]);
