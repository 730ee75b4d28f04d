/**
 * Turns on the event loop. What computes for long asks for one first, so that heartbeats, the database and health
 * answers keep their pace however many requests there are. One per process, as there is one event loop.
 */
import { setImmediate as nextTurn } from "node:timers/promises";

/** Milliseconds of work before everything else gets its turn. */
const SLICE_MS = 5;

const waiting: ((endsAt: number) => void)[] = [];
let working = false;

/**
 * Resolves, in the order of asking, when it is time to compute; a turn ends with the next `await`. It resolves with the
 * time, by the clock of `performance.now()`, after which whoever computes more without waiting has to ask again.
 */
export const turn = (): Promise<number> =>
  new Promise((resolve) => {
    waiting.push(resolve);
    if (!working) void work();
  });

const work = async (): Promise<void> => {
  working = true;
  while (waiting.length > 0) {
    await nextTurn();
    const sliceEnds = performance.now() + SLICE_MS;
    do {
      waiting.shift()?.(sliceEnds);
      // Goes on behind whoever's turn it is, as far as that runs without waiting.
      await undefined;
    } while (waiting.length > 0 && performance.now() < sliceEnds);
  }
  working = false;
};
