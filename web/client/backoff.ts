/** How long to wait before it is tried again to reach the server. */

/** Milliseconds. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;

/**
 * Full jitter: all that is left of a pause is its longest possible length, so that those who were thrown out together do
 * not come back together.
 *
 * @param attempt 0 is the first after a connection was lost, for which the server has said what to spread it over
 * @param jitterSeconds that: `reconnectJitterSeconds` of the welcome
 * @param random from 0 to 1
 * @returns milliseconds
 */
export function pauseBefore(attempt: number, jitterSeconds: number, random: number): number {
  const longest =
    attempt === 0 ? jitterSeconds * 1_000 : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1));
  return random * longest;
}
