/** How many different people reported somebody. Pure. */
import type { Name } from "../rpc.ts";

/**
 * Two reports that share a name are of one person: nobody counts twice by signing in with another key, nor by changing
 * the address alone.
 *
 * @param reporters the names of the reporter, for each report
 */
export function countPeople(reporters: Name[][]): number {
  let people: Name[][] = [];
  for (const names of reporters) {
    const isSame = (person: Name[]) => person.some((name) => names.includes(name));
    const same = people.filter(isSame);
    people = [...people.filter((person) => !isSame(person)), [...names, ...same.flat()]];
  }
  return people.length;
}
