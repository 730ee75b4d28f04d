/** One program that `dev` starts and watches: a child process in a group of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { within } from "../db/session.ts";

export interface Part {
  /** Resolves with the reason when the process is gone without having been stopped. */
  readonly died: Promise<Error>;
  /** Resolves when the process sends `ready` over its IPC channel. */
  readonly ready: Promise<unknown>;
  /** Asks it to end, and after `timeoutMs` ends it and whatever it started. */
  stop(timeoutMs: number): Promise<void>;
}

/**
 * Starts Node on `program`, a file. The group of its own keeps a terminal's Ctrl-C from reaching it other than through
 * `stop`, and lets everything it started be ended with it.
 */
export const startPart = (name: string, program: string, env: NodeJS.ProcessEnv): Part => {
  const child = spawn(process.execPath, [program], {
    env,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    detached: true,
  });
  let stopping = false;
  const exited = once(child, "exit");
  const died = new Promise<Error>((resolve) => {
    child.once("error", (error) => resolve(new Error(`${name} could not be started: ${error.message}`)));
    child.once("exit", (code, signal) => {
      if (!stopping) resolve(new Error(`${name} ended (${signal ?? `exit code ${code}`})`));
    });
  });
  process.once("exit", () => killGroup(child));
  return {
    died,
    ready: once(child, "message"),
    stop: async (timeoutMs) => {
      stopping = true;
      child.kill("SIGTERM");
      if (child.exitCode === null && child.signalCode === null) {
        await within(exited, timeoutMs, `${name} did not stop`).catch(() => {});
      }
      killGroup(child);
    },
  };
};

/** What is left of the group: after a crash its grandchildren, after a clean stop nothing. */
const killGroup = ({ pid }: ChildProcess): void => {
  try {
    if (pid) process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing is left.
  }
};
