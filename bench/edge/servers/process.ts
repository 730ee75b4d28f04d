/** Other processes as Linux shows them (proc(5)). */
import { readFile } from "node:fs/promises";
import type { Usage } from "../../program.ts";

/** Of CPU time, in a second: what the kernel counts in for programs, on every architecture. */
const TICKS = 100;

/** The process of this name that this one has started, from its main thread. */
export const childOf = async (pid: number, name: string): Promise<number> => {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).split(" ").filter(Boolean);
  for (const child of children)
    if ((await readFile(`/proc/${child}/comm`, "utf8")).trim() === name) return Number(child);
  throw new Error(`there is no ${name}`);
};

export const usageOf = async (pid: number): Promise<Usage> => {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The second field is the name in parentheses, which may hold anything.
  const [, , , , , , , , , , , utime, stime] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return {
    cpuSeconds: (Number(utime) + Number(stime)) / TICKS,
    rssBytes: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024,
  };
};

/** How many files and sockets a process may have open. */
export const openFilesLimit = async (): Promise<number> =>
  Number(/^Max open files\s+(\d+)/m.exec(await readFile("/proc/self/limits", "utf8"))?.[1]);
