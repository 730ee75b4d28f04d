import { type Logger, pino } from "pino";
import pretty from "pino-pretty";

export type { Logger } from "pino";

/**
 * The log on standard output: one JSON object a line, or on a terminal the same as readable text.
 * Secrets are never handed to it; what could hold one by accident is cut out here as a last resort.
 */
export const createLogger = (level: string) => {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: ["token", "secret", "*.token", "*.secret"], censor: "[redacted]" },
  };
  const terminal = process.stdout.isTTY
    ? pretty({ sync: true, ignore: "pid,hostname", translateTime: "SYS:HH:MM:ss", singleLine: true })
    : undefined;
  return terminal ? pino(options, terminal) : pino(options, pino.destination({ dest: 1, sync: true }));
};

/** Has the log tell what Node would write beside it: what is deprecated, or listened to too often. */
export const logWarnings = (log: Logger): void => {
  process.removeAllListeners("warning");
  // Not the object itself: some hold what is listened to, and with it what is secret.
  process.on("warning", ({ name, message, stack }) => log.warn({ stack }, `${name}: ${message}`));
};

/** Of more keys at once, or in a second, the log tells the number, and the names only to who debugs. */
export const MOST_NAMED = 20;
const NAMING_MS = 1_000;

export type Say = (npub: string, line: () => string) => void;

let named = 0;
let namingSince = Number.NEGATIVE_INFINITY;

/** Says a line of each of so many keys. */
export const sayOf = (log: Logger, keys: number): Say => {
  const now = performance.now();
  if (now - namingSince >= NAMING_MS) [named, namingSince] = [0, now];
  named += keys;
  const level = named <= MOST_NAMED ? "info" : "debug";
  return (npub, line) => {
    if (log.isLevelEnabled(level)) log[level]({ npub }, line());
  };
};

const PROGRESS_MS = 1_000;

/** Says at most one line a second, of how far something is. */
export const sayNowAndThen = (log: Logger): ((line: () => string) => void) => {
  let saidAt = Number.NEGATIVE_INFINITY;
  return (line) => {
    if (performance.now() - saidAt < PROGRESS_MS) return;
    saidAt = performance.now();
    log.info(line());
  };
};

const GATHER_MS = 5_000;

/** Says at once what may happen often, and of what follows, every few seconds, how often it happened and the latest. */
export const sayGathered = <T>(say: (count: number, latest: T) => void): ((what: T) => void) => {
  let count = 0;
  let latest: T;
  let timer: NodeJS.Timeout | undefined;
  const sayNow = () => {
    timer = undefined;
    if (count === 0) return;
    say(count, latest);
    count = 0;
    timer = setTimeout(sayNow, GATHER_MS).unref();
  };
  return (what) => {
    count++;
    latest = what;
    if (!timer) sayNow();
  };
};
