import type { Bunkers } from "./bunkers.ts";
import type { Logger } from "./log.ts";
import type { Relays } from "./relays.ts";
import type { Router } from "./router.ts";

/** Logs every `intervalMs` how many bunkers are active, whether relays are heard, and what became of requests. */
export const reportStatus = (
  intervalMs: number,
  { bunkers, relays, router }: { bunkers: Bunkers; relays: Relays; router: Router },
  log: Logger,
): { close(): void } => {
  const timer = setInterval(() => {
    const status = relays.status();
    log.info(
      { relays: status, requests: router.counts },
      `${bunkers.counts.running} active bunkers, ${status.filter(({ connected }) => connected).length} of ${status.length} relays connected, ${new Date().toISOString()}`,
    );
  }, intervalMs);
  return { close: () => clearInterval(timer) };
};
