/** The worker as an operator runs it: its own process, driven by signals, read by its log. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { BARE } from "./process.ts";

const MAIN = fileURLToPath(new URL("../../worker/main.ts", import.meta.url));

export interface LogLine {
  level: number;
  time: string;
  msg: string;
  [field: string]: unknown;
}

export interface Worker {
  readonly process: ChildProcess;
  /** All of standard output and standard error so far. */
  output(): string;
  lines(): LogLine[];
  /** The next line, from `after` on, whose message matches; those logged already count. */
  logged(message: RegExp, after?: number): Promise<LogLine>;
  /** Signals, and resolves with the exit code or the signal that ended it. */
  end(signal?: NodeJS.Signals): Promise<number | string>;
}

/** Starts worker/main.ts, or another file in its place, with nothing in its environment but what is given. */
export const startWorker = (env: Record<string, string | undefined>, program = MAIN): Worker => {
  const child = spawn(process.execPath, [program], {
    env: { ...BARE, ...env },
    // The channel ends it with the test run, however that ends.
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const lines: LogLine[] = [];
  let output = "";
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const check of waiting) check();
  };
  child.stderr?.on("data", (chunk) => {
    output += chunk;
  });
  createInterface({ input: child.stdout as Readable }).on("line", (line) => {
    output += `${line}\n`;
    try {
      lines.push(JSON.parse(line));
    } catch {
      lines.push({ level: 0, time: "", msg: line });
    }
    wake();
  });
  const exited = once(child, "close");
  void exited.then(wake);
  return {
    process: child,
    output: () => output,
    lines: () => lines,
    logged: (message, after = 0) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const line = lines.slice(after).find(({ msg }) => message.test(msg));
          const gone = child.exitCode !== null || child.signalCode !== null;
          if (!line && !gone) return;
          waiting.delete(check);
          if (line) resolve(line);
          else reject(new Error(`the worker ended before it logged ${message}:\n${output}`));
        };
        waiting.add(check);
        check();
      }),
    end: async (signal = "SIGTERM") => {
      child.kill(signal);
      await exited;
      return child.exitCode ?? child.signalCode ?? -1;
    },
  };
};

/** Starts a worker and waits for its first scan. */
export const startedWorker = async (env: Record<string, string | undefined>): Promise<Worker> => {
  const worker = startWorker(env);
  await worker.logged(/^started \d+ bunkers?$/);
  return worker;
};
