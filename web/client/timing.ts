/** Time and chance, as a test can have them in its hand. */
export interface Timing {
  /** Milliseconds since 1970. */
  now(): number;
  /** Does it once, so many milliseconds from now. Returns how to call it off. */
  after(ms: number, what: () => void): () => void;
  /** From 0 to 1. */
  random(): number;
}

export const realTiming: Timing = {
  now: () => Date.now(),
  after(ms, what) {
    const timer = setTimeout(what, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
