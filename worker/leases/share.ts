/** How many shards a worker should hold: the same for all, and as few as possible change hands. Pure. */
import { SHARDS } from "./shards.ts";

/**
 * The fair share of worker `id`. Where 32 cannot be divided evenly, those who hold most have one more: so nobody
 * gives up a shard only for another to have it.
 *
 * @param held how many each live worker holds, by its id; `id` is one of them
 */
export const fairShare = (id: string, held: ReadonlyMap<string, number>): number => {
  const mine = held.get(id) ?? 0;
  const before = [...held].filter(([other, count]) => count > mine || (count === mine && other < id));
  return Math.floor(SHARDS / held.size) + (before.length < SHARDS % held.size ? 1 : 0);
};
