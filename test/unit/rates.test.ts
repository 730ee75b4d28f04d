import fc from "fast-check";
import { expect, test } from "vitest";
import { Rates } from "../../worker/rates.ts";

const RATE = { burst: 3, perSecond: 2 };

const setUp = () => {
  const clock = { now: 1_700_000_000_000 };
  return { clock, rates: new Rates(() => clock.now) };
};

test("gives as many as the burst at once, and then says when there is one again", () => {
  const { clock, rates } = setUp();
  expect([1, 2, 3, 4].map(() => rates.take("one", RATE))).toEqual([0, 0, 0, 0.5]);
  clock.now += 300;
  expect(rates.take("one", RATE)).toBeCloseTo(0.2);
  clock.now += 200;
  expect(rates.take("one", RATE)).toBe(0);
  expect(rates.take("one", RATE)).toBeGreaterThan(0);
});

test("saves up no more than the burst", () => {
  const { clock, rates } = setUp();
  rates.take("one", RATE);
  clock.now += 3_600_000;
  expect([1, 2, 3, 4].map(() => rates.take("one", RATE) === 0)).toEqual([true, true, true, false]);
});

test("one name's haste is no other's", () => {
  const { rates } = setUp();
  while (rates.take("one", RATE) === 0);
  expect(rates.take("two", RATE)).toBe(0);
});

test("a clock that is set back makes nobody wait longer", () => {
  const { clock, rates } = setUp();
  while (rates.take("one", RATE) === 0);
  clock.now -= 3_600_000;
  expect(rates.take("one", RATE)).toBeLessThanOrEqual(0.5);
  clock.now += 500;
  expect(rates.take("one", RATE)).toBe(0);
});

test("in any stretch of time, no more are given than the burst and the rate allow", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1_500 }), { maxLength: 100 }), (pauses) => {
      const { clock, rates } = setUp();
      const given: number[] = [];
      for (const pause of pauses) {
        clock.now += pause;
        if (rates.take("one", RATE) === 0) given.push(clock.now);
      }
      given.forEach((from, first) => {
        for (const [n, to] of given.slice(first).entries()) {
          expect(n + 1).toBeLessThanOrEqual(RATE.burst + ((to - from) / 1_000) * RATE.perSecond + 1e-6);
        }
      });
    }),
  );
});

test("whoever waits as long as it says gets one", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 30 }), (pauses) => {
      const { clock, rates } = setUp();
      for (const pause of pauses) {
        clock.now += pause;
        const seconds = rates.take("one", RATE);
        clock.now += Math.ceil(seconds * 1_000);
        if (seconds > 0) expect(rates.take("one", RATE)).toBe(0);
      }
    }),
    // Here the fractions do not add up to one.
    { examples: [[[0, 0, 699, 519, 0, 0]]] },
  );
});
