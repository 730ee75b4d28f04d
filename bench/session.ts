/** What the measurements have in common as programs: what they start is gone when they end, however that is. */
import { mkdir, writeFile } from "node:fs/promises";
import { constants } from "node:os";

/** Sees to it that a part ends with the measurement; also one that is just starting. */
export type Keep = <Part extends { end(): Promise<void> }>(part: Part | Promise<Part>) => Promise<Part>;

const RESULTS = new URL("results/", import.meta.url);

/** Runs a measurement; whatever was started for it is gone afterwards, also after Ctrl-C, or when the terminal is closed. */
export const withParts = async (measure: (keep: Keep) => Promise<void>): Promise<void> => {
  const ends: (() => Promise<void>)[] = [];
  let ending: Promise<void> | undefined;
  // The last that was started ends first; what is started in the meantime ends as well.
  const endAll = async () => {
    for (let end = ends.pop(); end; end = ends.pop()) await end().catch(fail);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, async () => {
      // Through npm one signal comes twice.
      if (ending) return;
      ending = endAll();
      await ending;
      process.exit(128 + constants.signals[signal]);
    });
  }
  const keep: Keep = async (part) => {
    ends.push(async () => (await Promise.resolve(part).catch(() => undefined))?.end());
    return part;
  };
  try {
    await measure(keep);
  } catch (error) {
    // What is stopped by a signal fails because of that.
    if (!ending) throw error;
  } finally {
    ending ??= endAll();
    await ending;
  }
};

/** Tells of progress. */
export const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** What went wrong, without where. */
export const fail = (error: unknown): void => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
};

/** Prints a report, and keeps it as bench/results/<name>.md. */
export const publish = async (name: string, report: string, keepIt: boolean): Promise<void> => {
  process.stdout.write(report);
  if (!keepIt) return;
  await mkdir(RESULTS, { recursive: true });
  await writeFile(new URL(`${name}.md`, RESULTS), report);
};
