/** How many shards a worker should hold: the same for all, and as few as possible change hands. Pure. */
import { SHARDS } from "./shards.ts";

/** Those who share: a worker without a relay serves nobody, so it leaves all to the others unless they have none either. */
export const sharersOf = <W extends { reaches: boolean }>(workers: readonly W[]): readonly W[] =>
  workers.some(({ reaches }) => reaches) ? workers.filter(({ reaches }) => reaches) : workers;

/**
 * The fair share of worker `id`. Where 32 cannot be divided evenly, those who hold most have one more: so nobody
 * gives up a shard only for another to have it.
 *
 * @param held how many each of those who share holds, by its id; whoever is none of them has no share
 */
export const fairShare = (id: string, held: ReadonlyMap<string, number>): number => {
  const mine = held.get(id);
  if (mine === undefined) return 0;
  const before = [...held].filter(([other, count]) => count > mine || (count === mine && other < id));
  return Math.floor(SHARDS / held.size) + (before.length < SHARDS % held.size ? 1 : 0);
};
