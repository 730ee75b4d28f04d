/** What Prometheus reads: every lobby by itself, and all of them together. */
import Registry from "prom-client/lib/registry.js";
import { answered } from "../answered.ts";
import { failure, text } from "../answers.ts";
import { type Measures, MODERATION, type RegionMeasures, WAIT_BUCKETS } from "../rpc.ts";

type Labels = Record<string, string>;
type Sample = { labels: Labels; value: number; metricName?: string };
type Metric = {
  type: "gauge" | "counter" | "histogram";
  help: string;
  samples(measures: Measures): Sample[];
};

const one = (value: number): Sample[] => [{ labels: {}, value }];
const byLabel = (name: string, values: Record<string, number>): Sample[] =>
  Object.entries(values).map(([label, value]) => ({ labels: { [name]: label }, value }));

const METRICS: Record<string, Metric> = {
  sockets: { type: "gauge", help: "Open sockets.", samples: ({ sockets }) => one(sockets) },
  absent: { type: "gauge", help: "People whose place is kept.", samples: ({ absent }) => one(absent) },
  waiting: {
    type: "gauge",
    help: "People in the queue.",
    samples: ({ waiting }) => byLabel("mode", waiting),
  },
  matches: { type: "gauge", help: "Matches under way.", samples: ({ matches }) => one(matches) },
  matches_made_total: {
    type: "counter",
    help: "Matches made.",
    samples: ({ matchesMade }) => one(matchesMade),
  },
  signals_total: { type: "counter", help: "Signals relayed.", samples: ({ signals }) => one(signals) },
  refusals_total: {
    type: "counter",
    help: "Messages refused.",
    samples: ({ refusals }) => byLabel("reason", refusals),
  },
  wait_seconds: {
    type: "histogram",
    help: "How long the longer waiting side of a match waited.",
    samples: ({ waits: { buckets, count, sum } }) => [
      ...buckets.map((value, i) => ({
        labels: { le: String(WAIT_BUCKETS[i]) },
        value,
        metricName: "bucket",
      })),
      { labels: { le: "+Inf" }, value: count, metricName: "bucket" },
      { labels: {}, value: sum, metricName: "sum" },
      { labels: {}, value: count, metricName: "count" },
    ],
  },
};

export async function metrics(request: Request, env: Env): Promise<Response> {
  if (request.method !== "GET") return failure(405, "method not allowed", { allow: "GET" });
  const regions = await env.MODERATION.getByName(MODERATION).regions();
  const measured = await answered(
    regions.map(async (region) => ({ region, ...(await env.DIRECTORY.getByName(region).measures()) })),
  );
  const registry = new Registry();
  registerLobbies(
    registry,
    measured.flatMap(({ lobbies }) => lobbies),
  );
  registerStarts(
    registry,
    measured.flatMap(({ lobbies }) => lobbies),
  );
  registerDirectories(registry, measured);
  return text(200, await registry.metrics(), registry.contentType);
}

/** Each as `satoshigle_lobby_<name>{lobby}`, and the sum of all as `satoshigle_<name>`. */
function registerLobbies(registry: Registry, lobbies: RegionMeasures["lobbies"]): void {
  for (const [name, { type, help, samples }] of Object.entries(METRICS)) {
    const each = lobbies.flatMap(({ lobby, measures }) =>
      samples(measures).map((sample) => ({ ...sample, labels: { lobby, ...sample.labels } })),
    );
    register(registry, `satoshigle_lobby_${name}`, type, help, each);
    register(
      registry,
      `satoshigle_${name}`,
      type,
      help,
      sums(lobbies.flatMap(({ measures }) => samples(measures))),
    );
  }
}

/** It changes when a lobby comes into memory again: after a sleep, or a deploy. */
function registerStarts(registry: Registry, lobbies: RegionMeasures["lobbies"]): void {
  const starts = lobbies.map(({ lobby, measures }) => ({
    labels: { lobby },
    value: measures.awakeSince / 1_000,
  }));
  register(registry, "satoshigle_lobby_start_time_seconds", "gauge", "Since when it is in memory.", starts);
}

function registerDirectories(registry: Registry, regions: (RegionMeasures & { region: string })[]): void {
  const admitted = regions.map(({ region, admitted }) => ({ labels: { region }, value: admitted }));
  const refused = regions.flatMap(({ region, refused }) =>
    byLabel("reason", refused).map(({ labels, value }) => ({ labels: { region, ...labels }, value })),
  );
  register(registry, "satoshigle_admitted_total", "counter", "Connections let in.", admitted);
  register(registry, "satoshigle_turned_away_total", "counter", "Connections not let in.", refused);
}

/** Samples with the same labels as one. */
function sums(samples: Sample[]): Sample[] {
  const groups = Map.groupBy(samples, ({ labels, metricName }) => JSON.stringify([labels, metricName]));
  return [...groups.values()].flatMap((group) =>
    group
      .slice(0, 1)
      .map((sample) => ({ ...sample, value: group.reduce((sum, { value }) => sum + value, 0) })),
  );
}

function register(
  registry: Registry,
  name: string,
  type: Metric["type"],
  help: string,
  samples: Sample[],
): void {
  const values = samples.map(({ metricName, ...sample }) => ({
    ...sample,
    ...(metricName === undefined ? {} : { metricName: `${name}_${metricName}` }),
  }));
  registry.registerMetric({ name, get: async () => ({ name, type, help, values, aggregator: "sum" }) });
}
