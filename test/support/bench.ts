/** A bench as a terminal would start it: in a process group of its own. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { BARE } from "./process.ts";

export const startBench = (name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
  const main = fileURLToPath(new URL(`../../bench/${name}/main.ts`, import.meta.url));
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...BARE, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  let progress = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    progress += chunk;
  });
  const exited = once(child, "close");
  return {
    /** Until it tells of this. */
    tells: async (of: RegExp) => {
      while (!of.test(progress)) await once(child.stderr, "data");
    },
    /** As a terminal does: all that it has started is told as well. */
    signal: (signal: NodeJS.Signals) => process.kill(-Number(child.pid), signal),
    ended: async () => {
      const [code] = await exited;
      return { code, output, progress };
    },
    /** But for those that are dead and not yet buried. */
    isAnyLeft: () =>
      execFileSync("ps", ["-A", "-o", "pgid=,state="], { encoding: "utf8" })
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
        .some(([group, state]) => group === String(child.pid) && state !== "Z"),
  };
};

/** The rows of all tables in a report, without their heads. */
export const rowsOf = (report: string): string[][] =>
  report
    .split("\n\n")
    .filter((part) => part.startsWith("|"))
    .flatMap((table) => table.trim().split("\n").slice(2))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
