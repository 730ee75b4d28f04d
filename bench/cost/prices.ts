/**
 * What Cloudflare asks for, in US dollars, beyond what the paid plan includes each month; as published on 2026-11-22:
 * https://developers.cloudflare.com/workers/platform/pricing/
 * https://developers.cloudflare.com/durable-objects/platform/pricing/
 * https://developers.cloudflare.com/workers/observability/logs/workers-logs/ (until 2026-12-01, when other prices begin)
 */
const MILLION = 1_000_000;

export const PRICES = {
  asOf: "2026-11-22",
  /** Those from outside; a WebSocket is one, what is said on it is not. */
  workerRequest: 0.3 / MILLION,
  workerCpuMillisecond: 0.02 / MILLION,
  /** HTTP requests, calls of methods, WebSockets opened, alarms that come. */
  objectRequest: 0.15 / MILLION,
  /** Messages from clients that are one request together; what is sent to clients is free. */
  messagesPerRequest: 20,
  /** While an object has something to do, whatever it uses: of 128 MB. */
  objectGigabyteSecond: 12.5 / MILLION,
  objectGigabytes: 0.128,
  rowRead: 0.001 / MILLION,
  /** Each alarm that is set is one, and so is each key of the key-value store. */
  rowWritten: 1 / MILLION,
  storedGigabyteMonth: 0.2,
  /** Each line written; where the configuration wants them, also each time that anything begins to run. */
  logEvent: 0.6 / MILLION,
} as const;
