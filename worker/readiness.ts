/** Whether the worker does what it is there for, and what keeps it from that. */
import type { Bunkers } from "./bunkers.ts";
import type { Hearing } from "./hearing.ts";
import type { Leases } from "./leases/leases.ts";
import type { Relays } from "./relays.ts";

export interface ReadinessSources {
  relays: Relays;
  /** Those of the configuration: what clients have chosen besides does not decide. */
  relayUrls: string[];
  hearing: Hearing;
  bunkers: Bunkers;
  leases: Pick<Leases, "status">;
  /** When the last full scan ended; null before the first. Milliseconds since 1970. */
  scannedAt(): number | null;
  scanIntervalMs: number;
  isDatabaseUp(): Promise<boolean>;
  now(): number;
}

/** Deaf keys that are named; of more, only the number is told. */
const MOST_NAMED = 20;
/** A scan may be late by its own length and a few tries. */
const SCAN_GRACE_MS = 60_000;

export const readiness = async (sources: ReadinessSources) => {
  const { bunkers, leases, scannedAt, scanIntervalMs, isDatabaseUp, now } = sources;
  const relays = relayReadiness(sources);
  const database = await isDatabaseUp();
  const at = scannedAt();
  const age = at === null ? null : now() - at;
  const unheard = countUnheard(sources);
  const held = leases.status();
  const scanned = age !== null && age < 2 * scanIntervalMs + SCAN_GRACE_MS;
  const { running, broken } = bunkers.counts;
  const problems = {
    "the database does not answer": !database,
    "this worker is not registered yet: it tries its relays first": held.workers.length === 0,
    "what it holds has run out, or is not taken over yet": held.workers.length > 0 && !held.ready,
    "no scan of all keys has ended of late": !scanned,
    "keys are not heard at any relay": unheard > 0,
    "a relay is not connected, or not heard": relays.some(({ ready }) => !ready),
    // Single ones are damaged, and no reason for the others to be taken for unserved.
    "most of its keys cannot be opened: MASTER_KEY or NCRYPTSEC_PASSPHRASE is not theirs": broken > running,
  };
  const reasons = Object.entries(problems).flatMap(([reason, holds]) => (holds ? [reason] : []));
  return {
    ready: reasons.length === 0,
    reasons,
    relays,
    database: { up: database },
    scan: { at: at === null ? null : new Date(at).toISOString(), ageMs: age },
    keys: { ...bunkers.counts, unheard },
    leases: held,
  };
};

/** A relay may be too small for all keys: what counts is that each is listened for somewhere. */
const countUnheard = ({ relays, relayUrls, bunkers }: ReadinessSources): number => {
  const own = relays.status().filter(({ url, connected }) => connected && relayUrls.includes(url));
  if (own.some(({ unheard }) => unheard === 0)) return 0;
  const { running, leaving } = bunkers.counts;
  const listened = new Set(relayUrls.flatMap((url) => relays.listening(url).flat()));
  return Math.max(0, running + leaving - listened.size);
};

const relayReadiness = ({ relays, relayUrls, hearing }: ReadinessSources) =>
  relays
    .status()
    .filter(({ url }) => relayUrls.includes(url))
    .map((status) => {
      const { heardAt, deaf, refuses } = hearing.of(status.url);
      // Where there is nothing to hear, or no way to find out, a connection is all there can be.
      const confirmed = status.subscriptions === 0 || status.unconfirmed < status.subscriptions;
      const heard = heardAt !== null || refuses || status.subscriptions === 0;
      return {
        ready: status.connected && confirmed && heard && deaf.length === 0,
        ...status,
        heardAt: heardAt === null ? null : new Date(heardAt).toISOString(),
        takesQuestions: !refuses,
        deaf: { count: deaf.length, keys: deaf.slice(0, MOST_NAMED) },
      };
    });
