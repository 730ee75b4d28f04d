import fc from "fast-check";
import { expect, test } from "vitest";
import { type Crowd, whereOthersWait } from "../../edge/directory/elsewhere.ts";

const crowd = (lobby: string, waiting: number, state: Crowd["state"] = "open", isFull = false): Crowd => ({
  lobby,
  region: lobby.split("/")[0] ?? "",
  state,
  isFull,
  waiting,
});
const full = (lobby: string, waiting: number): Crowd => crowd(lobby, waiting, "open", true);

test.each([
  ["nobody else waits", crowd("NA/1", 1), [crowd("NA/2", 0), crowd("EU/1", 0)], undefined],
  ["to where more wait", crowd("NA/1", 1), [crowd("NA/2", 2), crowd("NA/3", 3)], "NA/3"],
  ["alone and alone: the later goes", crowd("NA/2", 1), [crowd("NA/1", 1)], "NA/1"],
  ["alone and alone: the earlier stays", crowd("NA/1", 1), [crowd("NA/2", 1)], undefined],
  ["near before far", crowd("NA/2", 1), [crowd("EU/1", 9), crowd("NA/1", 1)], "NA/1"],
  ["far, if nobody is near", crowd("NA/1", 1), [crowd("NA/2", 0), crowd("AS/1", 2)], "AS/1"],
  ["not to a lobby that closes", crowd("NA/1", 1), [crowd("NA/2", 5, "closing")], undefined],
  ["not to one that is drained", crowd("NA/1", 1), [crowd("EU/1", 5, "drained")], undefined],
  ["not to one that is full", crowd("NA/2", 1), [full("NA/1", 5)], undefined],
  ["out of one that is full, whoever waits more", full("NA/1", 5), [crowd("NA/2", 1)], "NA/2"],
  ["out of one that closes, whoever waits more", crowd("NA/2", 5, "closing"), [crowd("NA/1", 1)], "NA/1"],
] as const)("%s", (_, from, others, to) => {
  expect(whereOthersWait(from, [...others])).toBe(to);
});

test("sent on again and again, everybody arrives somewhere, and nobody changes places", () => {
  const world = fc.uniqueArray(
    fc.record({
      lobby: fc.constantFrom("AS/1", "AS/2", "EU/1", "EU/2", "NA/1", "NA/2", "world/1"),
      waiting: fc.integer({ min: 1, max: 3 }),
      state: fc.constantFrom("open", "closing", "drained"),
      isFull: fc.boolean(),
    }),
    { selector: ({ lobby }) => lobby, minLength: 2 },
  );
  fc.assert(
    fc.property(world, (lobbies) => {
      const crowds = lobbies.map(({ lobby, waiting, state, isFull }) => crowd(lobby, waiting, state, isFull));
      const next = new Map(crowds.map((from) => [from.lobby, whereOthersWait(from, crowds)]));
      for (const { lobby } of crowds) {
        let at: string | undefined = lobby;
        for (let steps = 0; at !== undefined; steps += 1) {
          expect(steps).toBeLessThan(crowds.length);
          at = next.get(at);
        }
      }
    }),
  );
});
