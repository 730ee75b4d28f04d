/** `npm run bench:bunker`: the worker beside NDK's own signer and beside the bare cryptography, in one run. */
import { Command, InvalidArgumentError, Option } from "commander";
import { CRYPTO_NAMES, type CryptoName } from "../../worker/crypto/crypto.ts";
import { heading } from "../markdown.ts";
import { fail, publish, say, withParts } from "../session.ts";
import { type Bench, startBench } from "./bench.ts";
import { measureChurn } from "./churn.ts";
import { measureColdStart, measureEmpty } from "./cold-start.ts";
import { compare } from "./comparison.ts";
import { measureHandover } from "./handover.ts";
import {
  churnTable,
  coldStartTable,
  handoverTable,
  scanTable,
  soakTable,
  throughputTable,
} from "./report.ts";
import { measureScan } from "./scan.ts";
import { soak } from "./soak.ts";
import type { Effort } from "./throughput.ts";

/** In shorter rounds more would be counted of how a server begins, ends, and renders the metrics that tell of its CPU time. */
const FULL = {
  keys: 200,
  window: 200,
  rounds: 12,
  seconds: 1.7,
  coldKeys: [1_000, 10_000],
  settleSeconds: 20,
};
/** Shows that it works; its figures say nothing. */
const SHORT = { keys: 5, window: 10, rounds: 2, seconds: 0.05, coldKeys: [20], settleSeconds: 1 };

const FULL_CHURN = { keys: 10_000, staying: 1_000, changes: 200, rate: 300, seconds: 60 };
const SHORT_CHURN = { keys: 60, staying: 10, changes: 20, rate: 20, seconds: 2 };

const SHORT_HANDOVER = { keys: 60, rate: 30, freezeSeconds: 2, calmSeconds: 0.5 };

const withBench = (measure: (bench: Bench) => Promise<void>): Promise<void> =>
  withParts(async (keep) => measure(await startBench(keep)));

const above0 = (isOne: (value: number) => boolean, what: string) => (text: string) => {
  const value = Number(text);
  if (value > 0 && isOne(value)) return value;
  throw new InvalidArgumentError(`It must be a ${what} above 0.`);
};
const positive = above0(Number.isFinite, "number");
const whole = above0(Number.isSafeInteger, "whole number");
const cryptoOption = new Option("--crypto <name...>", "backends of the cryptography")
  .choices(CRYPTO_NAMES)
  .default([...CRYPTO_NAMES]);
const shortOption = new Option("--short", "a few seconds, to see that it works; saves nothing");
const profileOption = new Option("--cpu-prof <folder>", "write CPU profiles of the workers");

interface Options {
  crypto: CryptoName[];
  short?: true;
  cpuProf?: string;
}

const program = new Command("npm run bench:bunker --")
  .description(
    "Measures the bunker worker on this machine: on a relay and with clients that cost as little as can be, each in a process of its own.",
  )
  .addHelpText("after", "\nWithout a command it is `all`. Each has a --help of its own.");

program
  .command("all", { isDefault: true })
  .description("throughput and cold starts; saved in bench/results/bunker.md")
  .addOption(cryptoOption)
  .addOption(shortOption)
  .action(({ crypto, short }: Options) =>
    withBench(async (bench) => {
      const effort = short ? SHORT : FULL;
      const comparison = await compare(bench, crypto, effort);
      say("a worker without keys");
      const empty = await measureEmpty(bench, effort.settleSeconds);
      const starts = [];
      for (const keys of effort.coldKeys) {
        say(`a worker with ${keys} keys`);
        starts.push(await measureColdStart(bench, keys, effort.settleSeconds));
      }
      const report = [
        heading("The bunker worker", "bench:bunker", process.argv.slice(2)),
        throughputTable(comparison),
        coldStartTable(empty, starts),
      ].join("\n");
      await publish("bunker", report, !short);
    }),
  );

program
  .command("throughput")
  .description("sign_event alone: the worker, NDK and the cryptography")
  .addOption(cryptoOption)
  .addOption(shortOption)
  .addOption(profileOption)
  .action(({ crypto, short, cpuProf }: Options) =>
    withBench(async (bench) => {
      const effort: Effort = short ? SHORT : FULL;
      await publish("throughput", throughputTable(await compare(bench, crypto, effort, cpuProf)), false);
    }),
  );

program
  .command("soak")
  .description("half load for a while; saved in bench/results/bunker-soak.md")
  .option("--minutes <number>", "how long", positive, 10)
  .addOption(shortOption)
  .action(({ minutes, short }: Options & { minutes: number }) =>
    withBench(async (bench) => {
      const measured = await soak(bench, short ? 0.05 : minutes, short ? SHORT : FULL);
      const report = [
        heading("The bunker worker under half load", "bench:bunker", process.argv.slice(2)),
        soakTable(measured),
      ].join("\n");
      await publish("bunker-soak", report, !short);
    }),
  );

program
  .command("scan")
  .description("a scan of 100,000 keys with 300,000 tokens; saved in bench/results/bunker-scan.md")
  .addOption(shortOption)
  .action(({ short }: Options) =>
    withBench(async (bench) => {
      const keys = short ? 1_000 : 100_000;
      const report = [
        heading("The bunker worker's scan", "bench:bunker", process.argv.slice(2)),
        scanTable(keys, await measureScan(bench, { keys, live: 59 })),
      ].join("\n");
      await publish("bunker-scan", report, !short);
    }),
  );

program
  .command("churn")
  .description("keys that gain and lose tokens, under load; saved in bench/results/bunker-churn.md")
  .addOption(shortOption)
  .action(({ short }: Options) =>
    withBench(async (bench) => {
      const report = [
        heading("The bunker worker while keys come and go", "bench:bunker", process.argv.slice(2)),
        churnTable(await measureChurn(bench, short ? SHORT_CHURN : FULL_CHURN)),
      ].join("\n");
      await publish("bunker-churn", report, !short);
    }),
  );

program
  .command("handover")
  .description(
    "workers that share the keys: one is killed, one frozen, one stopped, and one joins and is killed as well, under load; saved in bench/results/bunker-handover.md",
  )
  .option("--keys <number>", "keys", whole, 3_000)
  .option("--rate <number>", "requests a second", positive, 250)
  .option("--freeze <seconds>", "how long one is frozen", positive, 30)
  .addOption(shortOption)
  .action(({ keys, rate, freeze, short }: Options & { keys: number; rate: number; freeze: number }) =>
    withBench(async (bench) => {
      const effort = { keys, rate, freezeSeconds: freeze, calmSeconds: 8 };
      const report = [
        heading("The bunker's workers while they come and go", "bench:bunker", process.argv.slice(2)),
        handoverTable(await measureHandover(bench, short ? SHORT_HANDOVER : effort)),
      ].join("\n");
      await publish("bunker-handover", report, !short);
    }),
  );

await program.parseAsync().catch(fail);
