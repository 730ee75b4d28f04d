/** The operator's command line as an operator runs it: a process of its own, judged by what it prints. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { BARE } from "./process.ts";

const MAIN = fileURLToPath(new URL("../../worker/cli/main.ts", import.meta.url));

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export type Cli = (args: string[], input?: string, more?: Record<string, string>) => Promise<CliResult>;

/** Starts a command with nothing of its own in its environment but what is given. */
export const startCli = (
  args: string[],
  env: Record<string, string>,
  cwd?: string,
): ChildProcessWithoutNullStreams =>
  spawn(process.execPath, [MAIN, ...args], {
    env: { ...BARE, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });

/** Runs commands in an environment, each with `input` on standard input. */
export const cliWith =
  (env: Record<string, string>, cwd?: string): Cli =>
  async (args, input = "", more = {}) => {
    const child = startCli(args, { ...env, ...more }, cwd);
    child.stdin.on("error", () => {}); // it may end without having read
    child.stdin.end(input);
    const [stdout, stderr] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close"),
    ]);
    return { code: child.exitCode, stdout, stderr };
  };
