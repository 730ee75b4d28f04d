import { beforeEach, describe, expect, test } from "vitest";
import { Reports } from "../../web/client/reports.ts";
import { HandTiming } from "./hand-timing.ts";

let timing: HandTiming;
let isAttached: boolean;
let reports: Reports;
let ends: string[];
beforeEach(() => {
  timing = new HandTiming();
  isAttached = true;
  reports = new Reports(timing, () => isAttached);
  ends = [];
});
/** A report, by a name. */
const report = (name: string) =>
  reports.answer().then(
    () => ends.push(`${name} is taken`),
    () => ends.push(`${name} has failed`),
  );
async function pass(seconds: number): Promise<void> {
  timing.pass(seconds * 1_000);
  await new Promise((resolve) => setImmediate(resolve));
}

describe("a report", () => {
  test("is answered in turn, and leaves no timer", async () => {
    report("one");
    report("other");
    reports.answered();
    await pass(0);
    expect(ends).toEqual(["one is taken"]);
    reports.answered();
    reports.answered();
    await pass(60);
    expect(ends).toEqual(["one is taken", "other is taken"]);
    expect(timing.pending).toEqual([]);
  });

  test("has failed after 10 s without an answer", async () => {
    report("one");
    await pass(9.9);
    expect(ends).toEqual([]);
    await pass(0.1);
    expect(ends).toEqual(["one has failed"]);
    reports.answered();
  });

  test("waits for the connection, and from then on for 10 s at least", async () => {
    isAttached = false;
    report("one");
    await pass(39);
    isAttached = true;
    await pass(10);
    expect(ends).toEqual([]);
    reports.answered();
    await pass(0);
    expect(ends).toEqual(["one is taken"]);
  });

  test("has failed when there is no connection in 2 minutes, or will be none", async () => {
    isAttached = false;
    report("one");
    await pass(60);
    report("other");
    await pass(60);
    expect(ends).toEqual(["one has failed"]);
    reports.fail();
    await pass(0);
    expect(ends).toEqual(["one has failed", "other has failed"]);
    expect(timing.pending).toEqual([]);
  });
});
