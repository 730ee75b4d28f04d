import type { People } from "../people.ts";
import type { Load } from "../rpc.ts";

/** How busy a lobby with these people is. */
export function loadOf(people: People, sockets: number, searchesPerSecond: number): Load {
  const waiting = { video: 0, text: 0 };
  let sides = 0;
  for (const { state, wish, absentUntil } of people.all) {
    if (state.at === "matched") sides += 1;
    else if (state.at === "waiting" && absentUntil === null) waiting[wish.mode] += 1;
  }
  return { sockets, absent: people.absent.size, waiting, matches: sides / 2, searchesPerSecond };
}
