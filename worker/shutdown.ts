/** The one owner of signals and of the order in which things are released. */
import type { Logger } from "./log.ts";

/** Milliseconds that the releases together may take before the process leaves anyway. */
const GRACE_MS = 8_000;

/** A Ctrl-C reaches a child of npm twice, from the terminal and from npm: within this time it is one. */
const SAME_KEYSTROKE_MS = 300;

export interface Shutdown {
  /** Registers how to let go of what was just acquired; the last registered is released first. */
  onShutdown(name: string, release: () => Promise<void> | void): void;
  /** Releases everything and leaves. `code` 0 is a clean stop; the reason of any other is logged last. */
  stop(code: number, reason: string | Error): Promise<never>;
}

/**
 * Catches SIGINT and SIGTERM (stop cleanly, exit 0; a second one exits at once with 130 or 143), and
 * whatever nobody caught (stop, exit 1).
 */
export const ownShutdown = (log: Logger): Shutdown => {
  const releases: { name: string; release: () => Promise<void> | void }[] = [];
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
      }, GRACE_MS).unref();
      await release();
      if (code === 0) log.info(`stopped: ${reason}`);
      else log.fatal({ err: reason }, "stopped by a failure");
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
  process.on("uncaughtException", (error) => void stop(1, error));
  process.on("unhandledRejection", (error) => void stop(1, error instanceof Error ? error : String(error)));

  return { onShutdown: (name, release) => releases.push({ name, release }), stop };
};
