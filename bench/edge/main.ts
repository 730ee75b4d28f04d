/** `npm run bench:edge`: the edge in workerd beside Socket.IO and bare `ws`, in one run. */
import { Command } from "commander";
import { heading } from "../markdown.ts";
import { startProgram } from "../program.ts";
import { fail, type Keep, publish, say, withParts } from "../session.ts";
import type { ClientCalls } from "./clients/main.ts";
import { CONTENDERS, type Running, start } from "./contenders.ts";
import { measureMatching } from "./matching.ts";
import {
  type Effort,
  measureCrowd,
  measureExchange,
  measureMeetings,
  measureRelay,
  ROUNDS,
  sum,
  type Throughput,
} from "./measures.ts";
import { crowdTable, latencyTable, type Row, shapesTable, throughputTable } from "./report.ts";

interface Extent extends Effort {
  tickets: number;
  runs: number;
}

const FULL: Extent = {
  tickets: 20_000,
  runs: 21,
  meetings: 200,
  speakers: 200,
  rate: 1_000,
  people: 2_000,
  seconds: 12,
  crowd: 20_000,
  settleSeconds: 15,
};
/** Shows that it works; its figures say nothing. */
const SHORT: Extent = {
  tickets: 100,
  runs: 3,
  meetings: 2,
  speakers: 4,
  rate: 100,
  people: 40,
  seconds: 0.3,
  crowd: 10,
  settleSeconds: 0.1,
};

const ABOUT = `Everything is on this machine, over loopback: each server is a process of its own, and so are the clients. The edge runs
in workerd (through miniflare, but reached without its proxy: unsafeDirectSockets), with its rate limits out of reach. The
others check neither shapes nor rates, and keep nobody's place. CPU is the server's alone, with Redis where it takes part.
A complete match is a match, an offer and an answer of 6,000 characters, ten candidates each way, a skip.
`;

const measure = async (keep: Keep, extent: Extent): Promise<string> => {
  say(`${extent.tickets} tickets at once`);
  const shapes = measureMatching(extent.tickets, extent.runs);
  const clients = await keep(startProgram<ClientCalls>(new URL("clients/main.ts", import.meta.url)));
  const missing: string[] = [];
  const refusals: string[] = [];
  const note = <Measured extends { refused: string }>(name: string, measured: Measured): Measured => {
    if (measured.refused !== "") refusals.push(`${name}: ${measured.refused}`);
    return measured;
  };

  const servers: Running[] = [];
  for (const contender of CONTENDERS) {
    const server = await start(contender, keep);
    if (typeof server === "string") missing.push(`${contender.name}: ${server}`);
    else servers.push(server);
  }

  const one = new Map<Running, Pick<Row, "meetings" | "relayed">>();
  for (const server of servers) {
    const { name } = server.contender;
    say(`${name}: one at a time`);
    const meetings = await measureMeetings(clients, server, extent);
    const { relayed } = note(name, await measureRelay(clients, server, extent));
    one.set(server, { meetings, relayed });
  }

  const exchanges = new Map<Running, { batched: Throughput[]; unbatched: Throughput[] }>();
  for (let round = 1; round <= ROUNDS; round++) {
    for (const server of servers) {
      const { name, batches } = server.contender;
      say(`${name}: complete matches, round ${round}`);
      const known = exchanges.get(server) ?? { batched: [], unbatched: [] };
      exchanges.set(server, known);
      for (const isBatched of batches ? [true, false] : [false]) {
        const { throughput } = note(name, await measureExchange(clients, server, extent, isBatched));
        known[isBatched ? "batched" : "unbatched"].push(throughput);
      }
    }
  }

  const rows: Row[] = [];
  for (const server of servers) {
    const { contender } = server;
    say(`${contender.name}: as many as can be`);
    await server.end();
    const fresh = await start(contender, keep);
    const [single, exchanged] = [one.get(server), exchanges.get(server)];
    if (typeof fresh === "string" || !single || !exchanged) throw new Error(`${contender.name} is gone`);
    const { crowd } = note(contender.name, await measureCrowd(clients, fresh, extent));
    await fresh.end();
    const batched = contender.batches ? sum(exchanged.batched) : undefined;
    rows.push({ name: contender.name, ...single, batched, unbatched: sum(exchanged.unbatched), crowd });
  }
  return [
    shapesTable(extent.tickets, shapes),
    latencyTable(rows, extent),
    throughputTable(rows),
    crowdTable(rows),
    ...missing.map((lack) => `Not measured: ${lack}.\n`),
    ...refusals.map((refusal) => `Refused on the way: ${refusal}.\n`),
  ].join("\n");
};

const program = new Command("bench:edge").description(
  "Measures the edge beside Socket.IO (with and without its Redis adapter) and bare ws, on this machine (Linux).",
);

program
  .command("all", { isDefault: true })
  .description("everything; saved in bench/results/edge.md")
  .option("--short", "a few seconds, to see that it works; saves nothing")
  .action(({ short }: { short?: true }) =>
    withParts(async (keep) => {
      const figures = await measure(keep, short ? SHORT : FULL);
      const report = [heading("The edge", "bench:edge", process.argv.slice(2)), ABOUT, figures].join("\n");
      await publish("edge", report, !short);
    }),
  );

program
  .command("matching")
  .description("the matching alone: 20,000 tickets at once")
  .action(() => {
    process.stdout.write(shapesTable(FULL.tickets, measureMatching(FULL.tickets, FULL.runs)));
  });

await program.parseAsync().catch(fail);
