/** The one owner of signals and of the order in which things are released. */
import type { Logger } from "./log.ts";

/** A signal to a whole group reaches a child of npm twice, the second time through npm: within this time it is one. */
const SAME_SIGNAL_MS = 300;

export interface Shutdown {
  /** Registers how to let go of what was just acquired; the last registered is released first. */
  onShutdown(name: string, release: () => unknown): void;
  /** Releases everything and leaves. `code` 0 is a clean stop; the reason of any other is logged last. */
  stop(code: number, reason: string | Error): Promise<never>;
}

/**
 * Catches SIGINT, SIGTERM and SIGHUP (stop cleanly, exit 0; a second one exits at once with 128 and its number),
 * the end of the process that started this one over an IPC channel, and whatever nobody caught (stop, exit 1).
 *
 * @param graceMs how long the releases together may take before the process leaves anyway
 */
export const ownShutdown = (log: Logger, graceMs = 8_000): Shutdown => {
  const releases: { name: string; release: () => unknown }[] = [];
  let stopping: Promise<never> | undefined;
  let lastSignal = 0;

  const release = async () => {
    for (const { name, release } of releases.reverse()) {
      try {
        await release();
        log.debug({ part: name }, "released");
      } catch (error) {
        log.error({ part: name, err: error }, "could not be released cleanly");
      }
    }
  };

  const stop = (code: number, reason: string | Error): Promise<never> => {
    stopping ??= (async () => {
      log.info("stopping");
      setTimeout(() => {
        log.error("stopping took too long, leaving now");
        process.exit(code || 1);
      }, graceMs).unref();
      await release();
      const why = reason instanceof Error ? reason.message : reason;
      if (code === 0) log.info(`stopped: ${why}`);
      else log.fatal(`stopped: ${why}`);
      process.exit(code);
    })();
    return stopping;
  };

  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, (signal: NodeJS.Signals, number: number) => {
      if (Date.now() - lastSignal < SAME_SIGNAL_MS) return;
      if (stopping) process.exit(128 + number);
      lastSignal = Date.now();
      void stop(0, signal);
    });
  }
  process.on("disconnect", () => void stop(0, "the starter is gone"));
  const fail = (error: unknown) => {
    log.error({ err: error }, "nobody caught this");
    void stop(1, error instanceof Error ? error : String(error));
  };
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);

  return { onShutdown: (name, release) => releases.push({ name, release }), stop };
};
