import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const { PATH, NODE_COMPILE_CACHE } = process.env;
/** What every program needs of the environment, and nothing by which it could be told what to do. */
export const BARE = { PATH, NODE_COMPILE_CACHE };

export interface TestProcess {
  child: ChildProcess;
  /** The next line on its stdout; rejects if it exits without one. */
  line(): Promise<string>;
  /** Closes its stdin, which asks it to end, and waits until it has. */
  end(): Promise<number | null>;
}

/** Runs a TypeScript program beside the tests (`programs/<name>.ts`) in a process of its own. */
export function startProcess(name: string, ...args: string[]): TestProcess {
  const program = fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [program, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const exited = once(child, "exit");
  return {
    child,
    async line() {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${name} has ended without a line`);
      return value;
    },
    async end() {
      child.stdin.end();
      const [code] = await exited;
      return code;
    },
  };
}
