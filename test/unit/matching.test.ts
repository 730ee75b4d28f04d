import fc from "fast-check";
import { expect, test } from "vitest";
import { Matching, type Pair } from "../../edge/matching.ts";

const WINDOW = 60_000;

/** The same rules in the plainest words: after everything that happens, look at all pairs, longest wait first. */
class Reference {
  waiting: string[] = [];
  skips: { pair: Set<string>; until: number }[] = [];

  permitted(one: string, other: string, now: number): boolean {
    return !this.skips.some(({ pair, until }) => until > now && pair.has(one) && pair.has(other));
  }

  settle(now: number): Pair[] {
    for (const longer of this.waiting) {
      const shorter = this.waiting.find((other) => other !== longer && this.permitted(longer, other, now));
      if (shorter === undefined) continue;
      this.waiting = this.waiting.filter((id) => id !== longer && id !== shorter);
      return [{ longer, shorter }, ...this.settle(now)];
    }
    return [];
  }

  due(now: number): number {
    const ends = this.skips
      .filter(({ pair, until }) => until > now && [...pair].every((id) => this.waiting.includes(id)))
      .map(({ until }) => until);
    return Math.min(Number.POSITIVE_INFINITY, ...ends);
  }
}

const person = fc.integer({ min: 0, max: 7 }).map((n) => `p${n}`);
const event = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("enter"), who: person }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("leave"), who: person }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("skip"), who: person }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("stop"), who: person }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("pass"), ms: fc.integer({ min: 0, max: WINDOW / 3 }) }),
  },
);

test("pairs whom the plain rules pair, at every step of any story", () => {
  let made = 0;
  let madeByTime = 0;
  fc.assert(
    fc.property(fc.array(event, { minLength: 50, maxLength: 400 }), (story) => {
      const matching = new Matching(WINDOW);
      const reference = new Reference();
      const partners = new Map<string, string>();
      let now = 0;

      const settle = (pairs: Pair[]) => {
        expect(pairs).toEqual(reference.settle(now));
        for (const { longer, shorter } of pairs) {
          expect(partners.has(longer) || partners.has(shorter), "already in a match").toBe(false);
          expect(reference.permitted(longer, shorter, now), "kept apart").toBe(true);
          partners.set(longer, shorter).set(shorter, longer);
          made += 1;
        }
        for (const id of partners.keys()) expect(matching.has(id)).toBe(false);
        for (const id of reference.waiting) expect(matching.has(id)).toBe(true);
        expect(matching.due).toBeLessThanOrEqual(reference.due(now));
      };
      const enter = (id: string) => {
        if (!partners.has(id) && !reference.waiting.includes(id)) reference.waiting.push(id);
        if (!partners.has(id)) settle(matching.enter(id, now));
      };
      const part = (id: string): string | undefined => {
        const partner = partners.get(id);
        partners.delete(id);
        if (partner !== undefined) partners.delete(partner);
        return partner;
      };

      for (const step of story) {
        if ("ms" in step) {
          now += step.ms;
          const pairs = matching.advance(now);
          madeByTime += pairs.length;
          settle(pairs);
        } else if (step.do === "enter") {
          enter(step.who);
        } else if (step.do === "leave") {
          matching.leave(step.who);
          reference.waiting = reference.waiting.filter((id) => id !== step.who);
        } else {
          const partner = part(step.who);
          if (partner === undefined || step.do === "stop") continue;
          matching.skip(step.who, partner, now);
          reference.skips.push({ pair: new Set([step.who, partner]), until: now + WINDOW });
          enter(step.who);
          enter(partner);
        }
      }
    }),
    { numRuns: 1_000 },
  );
  expect(made).toBeGreaterThan(10_000);
  expect(madeByTime).toBeGreaterThan(100);
});

test("two who skipped each other and nobody else: paired when the window ends, not a millisecond earlier", () => {
  const matching = new Matching(WINDOW);
  expect(matching.due).toBe(Number.POSITIVE_INFINITY);
  matching.skip("a", "b", 1_000);
  expect(matching.enter("b", 1_000)).toEqual([]);
  expect(matching.enter("a", 1_000)).toEqual([]);
  expect(matching.due).toBe(61_000);
  expect(matching.advance(60_999)).toEqual([]);
  expect(matching.advance(61_000)).toEqual([{ longer: "b", shorter: "a" }]);
  expect(matching.due).toBe(Number.POSITIVE_INFINITY);
});

test("a newcomer meets whoever has waited longest", () => {
  const matching = new Matching(WINDOW);
  matching.skip("a", "b", 0);
  matching.enter("a", 0);
  matching.enter("b", 0);
  expect(matching.enter("c", 1)).toEqual([{ longer: "a", shorter: "c" }]);
  expect(matching.enter("d", 2)).toEqual([{ longer: "b", shorter: "d" }]);
});

test("who is waiting keeps the place when asking again", () => {
  const matching = new Matching(WINDOW);
  matching.skip("a", "b", 0);
  matching.enter("a", 0);
  matching.enter("b", 0);
  expect(matching.enter("a", 1)).toEqual([]);
  expect(matching.enter("c", 2)).toEqual([{ longer: "a", shorter: "c" }]);
});

test("the work grows with the number of tickets, not with its square", () => {
  const looks = (tickets: number): number => {
    const matching = new Matching(WINDOW);
    let count = 0;
    const get = Map.prototype.get;
    Map.prototype.get = function (key) {
      count += 1;
      return get.call(this, key);
    };
    try {
      for (let n = 0; n < tickets; n += 1) matching.enter(`p${n}`, n);
    } finally {
      Map.prototype.get = get;
    }
    return count;
  };
  expect(looks(20_000)).toBeLessThanOrEqual(20_000);
});
