/** Half load for a long while: whether it stays as fast, and what grows. */
import { setTimeout as sleep } from "node:timers/promises";
import { say } from "../session.ts";
import { slope } from "../statistics.ts";
import { type Bench, countFailed } from "./bench.ts";
import { type Effort, measureThroughput } from "./throughput.ts";
import { startWorkerServer } from "./worker-server.ts";

/** How often the worker is looked at. */
const SAMPLES = 120;
const MB = 1e6;

export interface Soak {
  minutes: number;
  rate: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** MB at the beginning and at the end, and MB a minute, of all of it and of its second half. */
  rss: { first: number; last: number; slope: number; laterSlope: number };
  heap: { laterSlope: number };
  /** Timers and all other resources that keep the process busy, at the beginning and the end. */
  timers: [number, number];
  resources: [number, number];
  /** Warnings of Node's that too many listen to one thing. */
  warnings: number;
  failed: number;
}

export const soak = async (bench: Bench, minutes: number, effort: Effort): Promise<Soak> => {
  const { databases, relay, load, relayUrl, keep } = bench;
  const server = await keep(
    startWorkerServer({ database: await databases.create(effort.keys), relay: relayUrl }),
  );
  await server.logged(/^started \d+ bunkers?$/);
  await relay.call("heard", effort.keys);
  say("finding out what half load is");
  const { perSecond, failed } = await measureThroughput(bench, server, effort);
  const rate = Math.ceil(perSecond / 2);
  const count = Math.ceil(rate * minutes * 60);
  await load.call("prepare", Math.min(count, 5 * rate));

  say(`${rate} requests a second for ${minutes} minutes`);
  const samples: { minute: number; rss: number; heap: number; timers: number; resources: number }[] = [];
  const begun = performance.now();
  let over = false;
  const running = load.call("run", { count, rate });
  const end = () => {
    over = true;
  };
  void running.then(end, end);
  while (!over) {
    const metrics = await server.metrics();
    const of = (name: string) => metrics.get(name) ?? 0;
    samples.push({
      minute: (performance.now() - begun) / 60_000,
      rss: of("process_resident_memory_bytes") / MB,
      heap: of("nodejs_heap_size_used_bytes") / MB,
      timers: of('nodejs_active_resources{type="Timeout"}'),
      resources: of("nodejs_active_resources_total"),
    });
    const last = samples.at(-1);
    say(
      `minute ${last?.minute.toFixed(1)}: RSS ${last?.rss.toFixed(0)} MB, heap ${last?.heap.toFixed(0)} MB, ${last?.timers} timers`,
    );
    await Promise.race([running, sleep((minutes * 60_000) / SAMPLES)]);
  }
  const answers = await running;
  const failedLater = await countFailed(bench, answers);
  const warnings = server.output().split('"msg":"MaxListenersExceededWarning').length - 1;
  await server.end();
  const later = samples.slice(Math.floor(samples.length / 2));
  const growth = (those: typeof samples, of: "rss" | "heap") =>
    slope(those.map((sample) => ({ x: sample.minute, y: sample[of] })));
  const ends = (of: "rss" | "timers" | "resources"): [number, number] => [
    samples[0]?.[of] ?? Number.NaN,
    samples.at(-1)?.[of] ?? Number.NaN,
  ];
  const [first, last] = ends("rss");
  return {
    minutes,
    rate,
    p50: answers.p50,
    p99: answers.p99,
    rss: { first, last, slope: growth(samples, "rss"), laterSlope: growth(later, "rss") },
    heap: { laterSlope: growth(later, "heap") },
    timers: ends("timers"),
    resources: ends("resources"),
    warnings,
    failed: failed + failedLater,
  };
};
