/** The parts of a measurement that run as processes of their own, called over the IPC channel. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

/** What a process has used since its start. */
export interface Usage {
  cpuSeconds: number;
  rssBytes: number;
}

type Call = (argument: never) => unknown;

/**
 * In the program: answers the calls of whoever started it, and ends with that, once all is released that it has started
 * itself. Its `usage` may be that of another.
 */
export const serve = (calls: Record<string, Call>, release = async (): Promise<void> => {}): void => {
  const usage = (): Usage => {
    const { user, system } = process.cpuUsage();
    return { cpuSeconds: (user + system) / 1e6, rssBytes: process.memoryUsage.rss() };
  };
  const all: Record<string, Call> = { usage, ...calls };
  process.on("message", async ({ id, name, argument }: { id: number; name: string; argument: never }) => {
    try {
      process.send?.({ id, result: await all[name]?.(argument) });
    } catch (error) {
      process.send?.({ id, error: String(error) });
    }
  });
  process.on("disconnect", () => void release().finally(() => process.exit()));
  // Ctrl-C, and a terminal that is closed, are for the program that started this one.
  for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => {});
};

/** A running program with these calls. */
export interface Program<Calls extends Record<string, Call>> {
  call<Name extends keyof Calls & string>(
    name: Name,
    ...argument: Parameters<Calls[Name]>
  ): Promise<Awaited<ReturnType<Calls[Name]>>>;
  usage(): Promise<Usage>;
  end(): Promise<void>;
}

/** Starts a file that serves these calls. A call rejects when the program ends before it has answered. */
export const startProgram = <Calls extends Record<string, Call>>(
  file: URL,
  env: NodeJS.ProcessEnv = {},
): Program<Calls> => {
  const name = basename(file.pathname, ".ts");
  const child = fork(fileURLToPath(file), {
    env: { PATH: process.env.PATH, ...env },
    serialization: "advanced",
    // What a program says is no part of the report.
    stdio: ["ignore", 2, 2, "ipc"],
  });
  let serial = 0;
  const waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  child.on("message", ({ id, result, error }: { id: number; result: never; error?: string }) => {
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (error === undefined) resolve?.(result);
    else reject?.(new Error(`${name}: ${error}`));
  });
  const exited = once(child, "exit");
  void exited.then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`${name} has ended`));
  });
  const call = (called: string, argument?: unknown): Promise<never> => {
    const answer = new Promise<never>((resolve, reject) => {
      waiting.set(++serial, { resolve, reject });
      child.send({ id: serial, name: called, argument }, (error) => error && reject(error));
    });
    // Who has something else to do before it waits for the answer may fail at that, and not come to it.
    answer.catch(() => {});
    return answer;
  };
  return {
    call,
    usage: () => call("usage"),
    end: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
};
