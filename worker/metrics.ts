/** What Prometheus is told. Every label has few values, all of them ours or the operator's. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Audit } from "./audit.ts";
import type { Deed } from "./bunker.ts";
import type { Bunkers } from "./bunkers.ts";
import type { Hearing } from "./hearing.ts";
import type { Leases } from "./leases/leases.ts";
import { refusalLabel } from "./refusal-label.ts";
import type { Relays } from "./relays.ts";
import type { Router } from "./router.ts";

/** What is asked when Prometheus asks. */
export interface MetricSources {
  relays: Relays;
  /** Those of the configuration; what further relays clients have chosen is no label. */
  relayUrls: string[];
  hearing: Hearing;
  bunkers: Bunkers;
  leases: Pick<Leases, "status">;
  router: Router;
  audit: Audit;
  isDatabaseUp(): Promise<boolean>;
}

export class Metrics {
  #registry = new Registry();
  #requests: Counter<"method" | "outcome">;
  #refusals: Counter<"reason">;
  #duration: Histogram;

  constructor(sources: MetricSources) {
    const registers = [this.#registry];
    this.#requests = new Counter({
      name: "satoshigle_requests_total",
      help: "Requests that got a reply",
      labelNames: ["method", "outcome"],
      registers,
    });
    this.#refusals = new Counter({
      name: "satoshigle_refusals_total",
      help: "Requests that were refused, by reason",
      labelNames: ["reason"],
      registers,
    });
    this.#duration = new Histogram({
      name: "satoshigle_request_duration_seconds",
      help: "Time from the receipt of a request to the publication of its reply",
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
      registers,
    });
    this.#watch(sources);
    collectDefaultMetrics({ register: this.#registry });
  }

  /** Counts a request that got a reply. */
  observe({ method, outcome }: Deed, milliseconds: number): void {
    this.#requests.inc({ method, outcome: outcome === "ok" ? "ok" : "refused" });
    if (outcome !== "ok") this.#refusals.inc({ reason: refusalLabel(outcome) });
    this.#duration.observe(milliseconds / 1_000);
  }

  /** The text of Prometheus's exposition format, version 0.0.4, and its content type. */
  async text(): Promise<{ type: string; body: string }> {
    return { type: this.#registry.contentType, body: await this.#registry.metrics() };
  }

  #watch({ relays, relayUrls, hearing, bunkers, leases, router, audit, isDatabaseUp }: MetricSources): void {
    const relayStatus = () => relays.status().filter(({ url }) => relayUrls.includes(url));

    this.#gauge("keys", "Keys by state", ["state"], (set) => {
      for (const [state, count] of Object.entries(bunkers.counts)) set(count, state);
    });
    this.#gauge("shards_held", "Parts of the key space, of 32, that this worker serves", [], (set) =>
      set(leases.status().shards),
    );
    this.#gauge("relay_connected", "Whether the relay is connected", ["relay"], (set) => {
      for (const { url, connected } of relayStatus()) set(Number(connected), url);
    });
    this.#gauge("relay_deaf_keys", "Keys that the relay was found not to deliver to", ["relay"], (set) => {
      for (const url of relayUrls) set(hearing.of(url).deaf.length, url);
    });
    this.#gauge("subscriptions", "Subscriptions by state", ["relay", "state"], (set) => {
      for (const { url, connected, subscriptions, unconfirmed } of relayStatus()) {
        const confirmed = connected ? Math.max(0, subscriptions - unconfirmed) : 0;
        set(confirmed, url, "confirmed");
        set(subscriptions - confirmed, url, "unconfirmed");
      }
    });
    this.#gauge("database_up", "Whether the database answers", [], async (set) =>
      set(Number(await isDatabaseUp())),
    );
    this.#counter("events_dropped_total", "Events that got no reply, by reason", "reason", () => {
      const { answered, refused, ...dropped } = router.counts;
      return dropped;
    });
    this.#counter(
      "audit_rows_total",
      "Rows of the audit log by what became of them",
      "fate",
      () => audit.counts,
    );
  }

  #gauge(
    name: string,
    help: string,
    labelNames: string[],
    read: (set: (value: number, ...labels: string[]) => void) => void | Promise<void>,
  ): void {
    new Gauge({
      name: `satoshigle_${name}`,
      help,
      labelNames,
      registers: [this.#registry],
      async collect() {
        this.reset();
        await read((value, ...labels) =>
          this.set(Object.fromEntries(labelNames.map((label, index) => [label, labels[index] ?? ""])), value),
        );
      },
    });
  }

  /** A counter whose counts are kept elsewhere. */
  #counter(name: string, help: string, label: string, read: () => Record<string, number>): void {
    new Counter({
      name: `satoshigle_${name}`,
      help,
      labelNames: [label],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [value, count] of Object.entries(read())) this.inc({ [label]: value }, count);
      },
    });
  }
}
