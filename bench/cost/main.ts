/** `npm run cost`: plays an evening in workerd, counts what Cloudflare bills, and prices a million matches. */
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError } from "commander";
import { unstable_readConfig } from "wrangler";
import { startEdge } from "../../test/support/edge.ts";
import { childOf, usageOf } from "../edge/servers/process.ts";
import { heading } from "../markdown.ts";
import { fail, publish, say, withParts } from "../session.ts";
import { itemsOf } from "./bill.ts";
import type { Counts } from "./counts.ts";
import { play } from "./evening.ts";
import { SPEED, type Traffic } from "./plan.ts";
import { PRICES } from "./prices.ts";
import { billTable, totalOf } from "./report.ts";

/** Dollars for a million matches, if candidates come in batches. */
const BUDGET = 0.6;

const FULL = { visitors: 300, seconds: 600, conversations: 10 };
/** Shows that it works; its figures say nothing. */
const SHORT = { visitors: 6, seconds: 5, conversations: 1 };

const metered = fileURLToPath(new URL("metered/worker.ts", import.meta.url));
const configuration = fileURLToPath(new URL("../../wrangler.toml", import.meta.url));

const about = ({ visitors, seconds }: Traffic, candidates: string): string =>
  `An evening of ${visitors * SPEED} people who come within ${seconds} seconds, played with a tenth of the people, ten times as fast
(bench/cost/plan.ts); the limits are those of wrangler.toml; candidates are sent ${candidates}. Everything is counted
where it happens: requests at the bindings, rows as SQLite reports them, the time of objects while they have something to
do on this machine. Prices are Cloudflare's of ${PRICES.asOf} (bench/cost/prices.ts), without what the paid plan includes.
The Worker's CPU cannot be told from that of the objects, which is not billed: all of workerd's stands for it.
`;

const logsInvocations = (): boolean => {
  const { observability } = unstable_readConfig({ config: configuration });
  return observability?.enabled === true && observability.logs?.invocation_logs !== false;
};

interface Options {
  visitors?: number;
  unbatched?: true;
  short?: true;
}

const price = async ({ visitors, unbatched, short }: Options): Promise<void> =>
  withParts(async (keep) => {
    const traffic = { ...(short ? SHORT : FULL), ...(visitors ? { visitors } : {}) };
    const edge = await startEdge({ main: metered, leavesSignals: true });
    await keep({ end: edge.close });
    const workerd = await childOf(process.pid, "workerd");
    const before = await usageOf(workerd);
    say(`${traffic.visitors} people come within ${traffic.seconds / SPEED} seconds`);
    const { matches, pings, troubles } = await play(edge.direct, traffic, !unbatched);
    const cpuSeconds = (await usageOf(workerd)).cpuSeconds - before.cpuSeconds;
    const counts = (await (await fetch(new URL("/counts", edge.direct))).json()) as Counts;
    const items = itemsOf({ matches, counts, pings, cpuSeconds, logsInvocations: logsInvocations() });
    const refused = Object.entries(troubles).map(([what, times]) => `${what} ${times}×`);
    const report = [
      heading("What a million matches cost", "cost", process.argv.slice(2)),
      about(traffic, unbatched ? "one by one" : "in batches"),
      billTable(items, matches),
      ...(refused.length > 0 ? [`Refused on the way: ${refused.join(", ")}.\n`] : []),
    ].join("\n");
    const isUsual = !short && !unbatched && visitors === undefined;
    await publish("cost", report, isUsual);
    if (isUsual && totalOf(items, matches) > BUDGET)
      throw new Error(`a million matches cost more than $${BUDGET.toFixed(2)}`);
  });

const count = (text: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 1) return value;
  throw new InvalidArgumentError("It must be a whole number above 1.");
};

await new Command("cost")
  .description(
    `Prices a million matches as Cloudflare would; saved in bench/results/cost.md. The exit code is 1 if it is more than $${BUDGET.toFixed(2)}.`,
  )
  .option("--visitors <number>", "another number of people; saves nothing", count)
  .option("--unbatched", "clients send candidates one by one; saves nothing")
  .option("--short", "a few seconds, to see that it works; saves nothing")
  .action(price)
  .parseAsync()
  .catch(fail);
