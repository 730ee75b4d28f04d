/** Where somebody who waits alone is sent to. Pure. */
import type { LobbyState } from "./choice.ts";

/** The people who wait in a lobby for the same as the one who is alone. */
export type Crowd = { lobby: string; region: string; state: LobbyState; isFull: boolean; waiting: number };

/**
 * The lobby with space, of the same region before others, in which most people wait. From a lobby that has space, too,
 * nobody is sent to one where fewer wait, nor, of two where as many wait, to the one whose name comes later: so two
 * who are alone do not change places, and whoever is sent on arrives.
 */
export function whereOthersWait(from: Crowd, others: Crowd[]): string | undefined {
  const better = others.filter(
    (to) => hasSpace(to) && to.waiting > 0 && (!hasSpace(from) || isBetter(to, from)),
  );
  const near = better.filter(({ region }) => region === from.region);
  const [chosen] = (near.length > 0 ? near : better).sort((a, b) => (isBetter(a, b) ? -1 : 1));
  return chosen?.lobby;
}

const hasSpace = ({ state, isFull }: Crowd): boolean => state === "open" && !isFull;

const isBetter = (a: Crowd, b: Crowd): boolean =>
  a.waiting === b.waiting ? a.lobby < b.lobby : a.waiting > b.waiting;
