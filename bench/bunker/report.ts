/** The figures as Markdown. */
import { number, table } from "../markdown.ts";
import { mean, standardError } from "../statistics.ts";
import type { Churn } from "./churn.ts";
import { type ColdStart, type Memory, SAMPLE } from "./cold-start.ts";
import type { Comparison } from "./comparison.ts";
import type { HandoverEvent } from "./handover.ts";
import type { Scanned } from "./scanning.ts";
import type { Soak } from "./soak.ts";
import type { Throughput } from "./throughput.ts";

const KB = 1_000;
const FAILED = "not answered rightly once";

export const throughputTable = ({ ndk, worker, missing }: Comparison): string => {
  const row = (name: string, it: Throughput, bare?: number[]) => [
    name,
    number(1 / mean(it.costs)),
    bare ? number(1 / mean(bare)) : "",
    `${(mean(ndk.costs) / mean(it.costs)).toFixed(1)}×`,
    bare ? share(bare, it.costs) : "",
    number(it.perSecond),
    it.p50.toFixed(1),
    it.p99.toFixed(1),
    `${(100 * it.serverShare).toFixed(0)} %`,
    `${(100 * it.othersShare).toFixed(0)} %`,
    String(it.failed),
  ];
  const measured = table([
    [
      "sign_event",
      "requests/s per core",
      "cryptography alone",
      "to NDK",
      "to the cryptography",
      "requests/s",
      "p50 at half load, ms",
      "p99, ms",
      "server's CPU",
      "relay's and clients'",
      FAILED,
    ],
    row("NDKNip46Backend", ndk),
    ...worker.map(({ crypto, throughput, bare }) => row(`worker, ${crypto}`, throughput, bare)),
  ]);
  return [measured, ...missing.map((lack) => `Not measured: ${lack}\n`)].join("\n");
};

/**
 * What one costs of what the other does, on the average of the rounds; and how far chance may have moved that, where what
 * slowed both halves of a round does not count.
 */
const share = (part: number[], whole: number[]): string => {
  const [ofPart, ofWhole] = [mean(part), mean(whole)];
  const apart = part.map((cost, round) => cost / ofPart - (whole[round] ?? Number.NaN) / ofWhole);
  const ratio = ofPart / ofWhole;
  return `${(100 * ratio).toFixed(1)} ± ${(100 * ratio * standardError(apart)).toFixed(1)} %`;
};

export const coldStartTable = (empty: Memory, starts: readonly ColdStart[]): string => {
  const measured = table([
    [
      "keys",
      "first answers, ms",
      "all are heard, ms",
      "all asked and answered, ms",
      "sockets",
      "subscriptions",
      "RSS per key, KB",
      "heap per key, KB",
      FAILED,
    ],
    ...starts.map(({ keys, first, heard, answered, sockets, subscriptions, memory, failed }) => [
      number(keys),
      first.toFixed(0),
      heard.toFixed(0),
      answered.toFixed(0),
      String(sockets),
      String(subscriptions),
      ((memory.rss - empty.rss) / keys / KB).toFixed(1),
      ((memory.heap - empty.heap) / keys / KB).toFixed(1),
      String(failed),
    ]),
  ]);
  return `${measured}
From the start of the scan; every key is asked in a start of its own. Memory is what there is above that of a worker
without keys, once ${SAMPLE} keys have been asked; the same worker's differs by some MB from start to start, which is much for
few keys.
`;
};

export const soakTable = ({ rss, heap, timers, resources, ...it }: Soak): string => {
  const fromTo = ([first, last]: readonly number[]) => `${first} → ${last}`;
  return table([
    ["", ""],
    ["minutes", String(it.minutes)],
    ["requests a second", number(it.rate)],
    ["p50, p99", `${it.p50.toFixed(1)} ms, ${it.p99.toFixed(1)} ms (${(it.p99 / it.p50).toFixed(1)}×)`],
    ["RSS", `${rss.first.toFixed(0)} → ${rss.last.toFixed(0)} MB`],
    ["its slope, and in the second half", `${signed(rss.slope)}, ${signed(rss.laterSlope)} MB a minute`],
    ["the heap's in the second half", `${signed(heap.laterSlope)} MB a minute`],
    ["timers", fromTo(timers)],
    ["active resources", fromTo(resources)],
    ["warnings of too many listeners", String(it.warnings)],
    [FAILED, String(it.failed)],
  ]);
};

const signed = (value: number): string => `${value < 0 ? "" : "+"}${value.toFixed(2)}`;

export const scanTable = (keys: number, scans: readonly Scanned[]): string =>
  table([
    [
      `of ${number(keys)} keys with ${number(3 * keys)} tokens`,
      "live keys",
      "time, ms",
      "first keys after, ms",
      "longest stall, ms",
      "RSS at most, MB more",
    ],
    ...scans.map(({ live, milliseconds, firstAfter, longestStall, memory }, index) => [
      index === 0 ? "first scan" : "next scan",
      number(live),
      milliseconds.toFixed(0),
      firstAfter.toFixed(0),
      longestStall.toFixed(0),
      memory.toFixed(0),
    ]),
  ]);

export const churnTable = (it: Churn): string =>
  table([
    ["", ""],
    ["keys at a time, and of these those that stay", `${number(it.keys)}, ${number(it.staying)}`],
    ["seconds", String(it.seconds)],
    ["tokens lost and gained a second", `${number(it.lost / it.seconds)}, ${number(it.gained / it.seconds)}`],
    ["requests to the keys that stay", number(it.sent)],
    ["missed", String(it.missed)],
    ["p50, p99", `${it.p50.toFixed(1)} ms, ${it.p99.toFixed(1)} ms`],
    ["REQs to the relay", `${it.requests.toFixed(1)} a second, ${it.kilobytes.toFixed(0)} KB a second`],
    ["subscriptions at a time, at most", String(it.subscriptions)],
    ["longest stall", `${it.longestStall.toFixed(0)} ms`],
    [FAILED, String(it.failed)],
  ]);

export const handoverTable = (events: readonly HandoverEvent[]): string => {
  const measured = table([
    [
      "",
      "requests",
      "answered once",
      "late (> 1 s)",
      "never",
      "twice",
      "signed twice",
      "with an error",
      "longest gap of a key, ms",
      "of 99 in 100 keys, ms",
      "shared again after, ms",
    ],
    ...events.map((it) => [
      it.event || "all",
      ...[it.sent, it.once, it.late, it.never, it.twice, it.signedTwice, it.refused].map(number),
      it.worstGap.toFixed(0),
      it.p99Gap.toFixed(0),
      it.sharedAfter?.toFixed(0) ?? "",
    ]),
  ]);
  return `${measured}
A request counts where it was late or answered: under what had happened last by then. A key's gap is the longest that a
request to it waited. Signed twice are those with several different replies.
`;
};
