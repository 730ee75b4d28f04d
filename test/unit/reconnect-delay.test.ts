import fc from "fast-check";
import { expect, test } from "vitest";
import { reconnectDelay } from "../../worker/reconnect-delay.ts";

test.each([
  [0, 200],
  [4_000, 200],
  [10_000, 500],
  [60_000, 3_000],
  [600_000, 30_000],
  [86_400_000, 30_000],
  // The clock was set back during the outage.
  [-3_600_000, 200],
])("after an outage of %i ms it waits %i ms", (outage, delay) => {
  expect(reconnectDelay(outage)).toBe(delay);
});

test("a relay that returns after up to 40 s is tried again within 2 s", () => {
  for (let at = 0; at < 40_000; at += reconnectDelay(at)) expect(reconnectDelay(at)).toBeLessThan(2_000);
});

test("never waits less for a longer outage", () => {
  const outage = fc.integer({ min: 0, max: 10_000_000 });
  fc.assert(
    fc.property(outage, outage, (one, other) => {
      const [shorter, longer] = one < other ? [one, other] : [other, one];
      expect(reconnectDelay(longer)).toBeGreaterThanOrEqual(reconnectDelay(shorter));
    }),
  );
});
