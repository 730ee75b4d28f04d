/** `npm run bench:bunker`: the worker beside NDK's own signer and beside the bare cryptography, in one run. */
import { mkdir, writeFile } from "node:fs/promises";
import { constants } from "node:os";
import { Command, InvalidArgumentError, Option } from "commander";
import { CRYPTO_NAMES, type CryptoName } from "../../worker/crypto/crypto.ts";
import { type Bench, startBench } from "./bench.ts";
import { measureColdStart, measureEmpty } from "./cold-start.ts";
import { compare } from "./comparison.ts";
import { coldStartTable, heading, soakTable, throughputTable } from "./report.ts";
import { soak } from "./soak.ts";
import type { Effort } from "./throughput.ts";

const FULL = { keys: 200, window: 200, seconds: 10, coldKeys: [1_000, 10_000], settleSeconds: 20 };
/** Shows that it works; its figures say nothing. */
const SHORT = { keys: 5, window: 10, seconds: 0.1, coldKeys: [20], settleSeconds: 1 };

const RESULTS = new URL("../results/", import.meta.url);

/** Prints a report, and keeps that of a full run. */
const publish = async (name: string, report: string, keepIt: boolean): Promise<void> => {
  process.stdout.write(report);
  if (!keepIt) return;
  await mkdir(RESULTS, { recursive: true });
  await writeFile(new URL(`${name}.md`, RESULTS), report);
};

/** Runs a measurement; whatever was started for it is gone afterwards, also after Ctrl-C. */
const withBench = async (measure: (bench: Bench) => Promise<void>): Promise<void> => {
  const parts = new AsyncDisposableStack();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, async () => {
      // Through npm one signal comes twice.
      if (parts.disposed) return;
      await parts.disposeAsync();
      process.exit(128 + constants.signals[signal]);
    });
  }
  try {
    await measure(await startBench(parts, (text) => process.stderr.write(`${text}\n`)));
  } catch (error) {
    // What is stopped by a signal fails because of that.
    if (parts.disposed) return;
    throw error;
  } finally {
    await parts.disposeAsync();
  }
};

const positive = (text: string): number => {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("It must be a number above 0.");
};
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
  .description("everything but the soak; saved in bench/results/bunker.md")
  .addOption(cryptoOption)
  .addOption(shortOption)
  .action(({ crypto, short }: Options) =>
    withBench(async (bench) => {
      const effort = short ? SHORT : FULL;
      const comparison = await compare(bench, crypto, effort);
      bench.say("a worker without keys");
      const empty = await measureEmpty(bench, effort.settleSeconds);
      const starts = [];
      for (const keys of effort.coldKeys) {
        bench.say(`a worker with ${keys} keys`);
        starts.push(await measureColdStart(bench, keys, effort.settleSeconds));
      }
      const report = [
        heading("The bunker worker", process.argv.slice(2)),
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
        heading("The bunker worker under half load", process.argv.slice(2)),
        soakTable(measured),
      ].join("\n");
      await publish("bunker-soak", report, !short);
    }),
  );

await program.parseAsync().catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
