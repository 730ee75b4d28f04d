/** How long to wait before the next attempt, in milliseconds: a twentieth of the outage so far, from 0.2 s to 30 s. */
export const reconnectDelay = (outageMs: number): number => Math.min(30_000, Math.max(200, outageMs / 20));
