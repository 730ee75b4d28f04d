/** The part of prom-client that only writes the format, and needs nothing of Node. */
declare module "prom-client/lib/registry.js" {
  type Value = { labels: Record<string, string>; value: number; metricName?: string };
  type Metric = {
    name: string;
    get(): Promise<{ name: string; help: string; type: string; aggregator: string; values: Value[] }>;
  };
  export default class Registry {
    readonly contentType: string;
    registerMetric(metric: Metric): void;
    metrics(): Promise<string>;
  }
}
