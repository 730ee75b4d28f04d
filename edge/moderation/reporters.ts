/** How many different people reported somebody. Pure. */
import type { Name } from "../rpc.ts";

/**
 * Two reports that share a name are of one person: nobody counts twice by signing in with another key, nor by changing
 * the address alone.
 *
 * @param reporters the names of the reporter, for each report
 */
export function countPeople(reporters: Name[][]): number {
  let people: Set<Name>[] = [];
  for (const names of reporters) {
    const person = new Set(names);
    const others = people.filter((other) => other.isDisjointFrom(person));
    const same = people.filter((other) => !others.includes(other));
    people = [...others, new Set([...person, ...same.flatMap((other) => [...other])])];
  }
  return people.length;
}
