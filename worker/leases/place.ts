/**
 * Where a process runs, and whether it does so still. Only a process on the same machine and in the same namespace of
 * process ids can tell: for any other, a lease has to run out. Linux says enough to be sure; elsewhere there is no proof.
 */
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import * as v from "valibot";

export const Place = v.object({
  host: v.string(),
  pid: v.number(),
  /** This start of the machine, this namespace, and when the process began; null where they cannot be known. */
  boot: v.nullable(v.string()),
  namespace: v.nullable(v.string()),
  started: v.nullable(v.string()),
});
export type Place = v.InferOutput<typeof Place>;

export const ownPlace = (): Place => ({
  host: hostname(),
  pid: process.pid,
  boot: known(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
  namespace: known(() => readlinkSync("/proc/self/ns/pid")),
  started: statusOf(process.pid)?.started ?? null,
});

/** Whether it is certain that the process at `place` has ended. */
export const isGone = (place: Place, own: Place): boolean => {
  const parts = ["host", "boot", "namespace"] as const;
  if (!parts.every((part) => place[part] !== null && place[part] === own[part])) return false;
  try {
    process.kill(place.pid, 0);
  } catch (error) {
    // Any other error is about a process that there is.
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
  // The number may be another process's by now, or that of one whose end nobody has taken note of.
  const status = statusOf(place.pid);
  return status !== null && (status.state === "Z" || status.started !== place.started);
};

/** Fields 3 and 22 of /proc/<pid>/stat (proc_pid_stat(5)); the second is a name in parentheses, whatever is in it. */
const statusOf = (pid: number): { state: string; started: string } | null =>
  known(() => {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state = "", ...rest] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state, started: rest[18] ?? "" };
  });

const known = <T>(read: () => T): T | null => {
  try {
    return read();
  } catch {
    return null;
  }
};

export const describePlace = ({ host, pid }: Place): string => `${host}, process ${pid}`;
