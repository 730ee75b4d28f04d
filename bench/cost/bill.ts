/** From counts to dollars. */
import type { Counts, ObjectCounts } from "./counts.ts";
import { PRICES } from "./prices.ts";

export interface Item {
  what: string;
  /** How often, or how much. */
  count: number;
  /** Dollars. */
  cost: number;
}

export interface Evening {
  matches: number;
  counts: Counts;
  /** Pings that the runtime answered; they came as messages, but to no handler. */
  pings: number;
  /** CPU time of the whole runtime: of the Worker, of objects and of the counting. */
  cpuSeconds: number;
  /** Whether each invocation is logged. */
  logsInvocations: boolean;
}

export const itemsOf = ({ counts, pings, cpuSeconds, logsInvocations }: Evening): Item[] => {
  const items: Item[] = [];
  const add = (what: string, count: number, price: number) => {
    if (count > 0) items.push({ what, count, cost: count * price });
  };
  const messagePrice = PRICES.objectRequest / PRICES.messagesPerRequest;
  add("Worker: requests", counts.workerRequests, PRICES.workerRequest);
  add("Worker: CPU, ms, at most", cpuSeconds * 1_000, PRICES.workerCpuMillisecond);
  for (const [name, own] of Object.entries(counts.objects)) {
    for (const [method, count] of Object.entries(own.calls))
      add(
        `${name}: ${method === "fetch" ? "connections" : `calls of ${method}`}`,
        count,
        PRICES.objectRequest,
      );
    add(`${name}: messages from clients`, own.messages, messagePrice);
    if (name === "Lobby") add(`${name}: pings`, pings, messagePrice);
    add(`${name}: alarms that came`, own.alarms, PRICES.objectRequest);
    add(`${name}: alarms set`, own.alarmsSet, PRICES.rowWritten);
    add(`${name}: rows written`, own.rowsWritten, PRICES.rowWritten);
    add(`${name}: rows read`, own.rowsRead, PRICES.rowRead);
    add(`${name}: GB-s`, (own.active / 1_000) * PRICES.objectGigabytes, PRICES.objectGigabyteSecond);
  }
  add("log: lines", counts.lines, PRICES.logEvent);
  if (logsInvocations) add("log: invocations", invocations(counts), PRICES.logEvent);
  return items;
};

const invocations = ({ workerRequests, objects }: Counts): number =>
  Object.values(objects).reduce((sum, own) => sum + invocationsOf(own), workerRequests);

const invocationsOf = ({ calls, messages, closes, alarms }: ObjectCounts): number =>
  Object.values(calls).reduce((sum, count) => sum + count, 0) + messages + closes + alarms;
