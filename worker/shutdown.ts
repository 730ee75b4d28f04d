/** The one owner of signals and of the order in which things are released. */
import type { Logger } from "./log.ts";

/** A Ctrl-C reaches a child of npm twice, from the terminal and from npm: within this time it is one. */
const SAME_KEYSTROKE_MS = 300;

export interface Shutdown {
  /** Registers how to let go of what was just acquired; the last registered is released first. */
  onShutdown(name: string, release: () => unknown): void;
  /** Releases everything and leaves. `code` 0 is a clean stop; the reason of any other is logged last. */
  stop(code: number, reason: string | Error): Promise<never>;
}

/**
 * Catches SIGINT and SIGTERM (stop cleanly, exit 0; a second one exits at once with 130 or 143), the end of
 * the process that started this one over an IPC channel, and whatever nobody caught (stop, exit 1).
 *
 * @param graceMs how long the releases together may take before the process leaves anyway
 */
export const ownShutdown = (log: Logger, graceMs = 8_000): Shutdown => {
  const releases: { name: string; release: () => unknown }[] = [];
  let stopping: Promise<never> | undefined;
  let lastInterrupt = 0;

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
      if (code === 0) log.info(`stopped: ${reason}`);
      else if (reason instanceof Error) log.fatal({ err: reason }, `stopped: ${reason.message}`);
      else log.fatal(`stopped: ${reason}`);
      process.exit(code);
    })();
    return stopping;
  };

  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    process.on(signal, () => {
      if (signal === "SIGINT" && Date.now() - lastInterrupt < SAME_KEYSTROKE_MS) return;
      if (signal === "SIGINT") lastInterrupt = Date.now();
      if (stopping) process.exit(code);
      void stop(0, signal);
    });
  }
  process.on("disconnect", () => void stop(0, "the starter is gone"));
  process.on("uncaughtException", (error) => void stop(1, error));
  process.on("unhandledRejection", (error) => void stop(1, error instanceof Error ? error : String(error)));

  return { onShutdown: (name, release) => releases.push({ name, release }), stop };
};
