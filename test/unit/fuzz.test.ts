import { expect, test } from "vitest";
import { fuzzWorker } from "../fuzz/worker-fuzz.ts";

test("some thousands of hostile events and requests throw nothing back (npm run fuzz: a million)", async () => {
  const { events, requests } = await fuzzWorker({ seed: 1, events: 4_000, requests: 8_000 });
  expect(events).toMatchObject({ failed: 0 });
  expect(events.garbage).toBeGreaterThan(2_000);
  expect(Object.keys(requests)).toEqual(
    expect.arrayContaining(["connect", "sign_event", "unknown", "garbage"]),
  );
});
