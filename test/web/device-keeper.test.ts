/** What is live is what is held, and what is held is what is wanted, whatever happens in whichever order. */
import { batch, signal } from "@preact/signals";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { type Keeper, keepDevices, type Wanted } from "../../web/page/device-keeper.ts";
import { DEVICES, type Device, type PerDevice } from "../../web/page/device-problem.ts";

class Track extends EventTarget {
  readonly device: Device;
  readonly id: string;
  isLive = true;

  constructor(device: Device, id: string) {
    super();
    this.device = device;
    this.id = id;
    opened.push(this);
  }

  get label(): string {
    return `${this.device} ${this.id}`;
  }

  stop(): void {
    this.isLive = false;
  }

  unplug(): void {
    this.isLive = false;
    this.dispatchEvent(new Event("ended"));
  }
}

type Answer = "tracks" | "apart" | Error;
type Question = { ids: Wanted; answer(answer: Answer): Promise<void> };

const NONE = { camera: undefined, microphone: undefined };
const missingError = new DOMException("", "NotFoundError");

let opened: Track[];
let questions: Question[];
let most: number;
let wanted = signal<Wanted>(NONE);
let keeper: Keeper<Track>;

const settled = () => new Promise((resolve) => setImmediate(resolve));

function open(ids: Wanted): Promise<Partial<PerDevice<Track | Error>>> {
  return new Promise((resolve) => {
    const question: Question = {
      ids,
      async answer(answer) {
        questions.splice(questions.indexOf(question), 1);
        const asked = DEVICES.filter((device) => ids[device] !== undefined);
        const found: Partial<Record<Device, Track | Error>> = {};
        const isApart = answer === "apart" && asked.length > 1;
        for (const device of isApart ? [] : asked) {
          found[device] = answer instanceof Error ? answer : new Track(device, ids[device] ?? "");
        }
        resolve(found);
        await settled();
      },
    };
    questions.push(question);
    most = Math.max(most, questions.length);
  });
}

beforeEach(() => {
  [opened, questions, most] = [[], [], 0];
  wanted = signal<Wanted>(NONE);
  keeper = keepDevices<Track>(wanted, open);
});

const want = (change: Partial<Wanted>) => {
  wanted.value = { ...wanted.value, ...change };
};
const answer = (given: Answer) => questions[0]?.answer(given);
const live = () => opened.filter(({ isLive }) => isLive).map(({ label }) => label);
const held = () =>
  DEVICES.map((device) => keeper.states.value[device])
    .filter((state) => state.is === "held")
    .map(({ track }) => track.label);
const is = () => DEVICES.map((device) => keeper.states.value[device].is);

describe("opening", () => {
  test("both by one question; apart, if they are not to be had together", async () => {
    want({ camera: "", microphone: "" });
    expect(questions.map(({ ids }) => ids)).toEqual([{ camera: "", microphone: "" }]);
    await answer("apart");
    expect(questions.map(({ ids }) => ids)).toEqual([{ camera: "", microphone: undefined }]);
    await answer(missingError);
    await answer("tracks");
    expect(is()).toEqual(["failed", "held"]);
  });

  test("off, while it opens: what comes is stopped at once", async () => {
    want({ camera: "" });
    want({ camera: undefined });
    expect(is()).toEqual(["off", "off"]);
    await answer("tracks");
    expect([opened.length, live()]).toEqual([1, []]);
  });

  test("on, off and on again, while it opens: one question, one track", async () => {
    want({ camera: "" });
    want({ camera: undefined });
    want({ camera: "" });
    await answer("tracks");
    expect([most, live()]).toEqual([1, ["camera "]]);
    want({ camera: undefined });
    expect(live()).toEqual([]);
  });

  test("another is chosen, while it opens: that one is opened instead", async () => {
    want({ camera: "one" });
    want({ camera: "two" });
    await answer("tracks");
    expect(live()).toEqual([]);
    await answer("tracks");
    expect([held(), live()]).toEqual([["camera two"], ["camera two"]]);
  });

  test("another is chosen: the one before is let go of first", async () => {
    want({ camera: "one" });
    await answer("tracks");
    want({ camera: "two" });
    expect([live(), questions.length]).toEqual([[], 1]);
  });
});

describe("losing", () => {
  beforeEach(async () => {
    want({ camera: "", microphone: "" });
    await answer("tracks");
  });

  test("another takes its place, until nobody needs to know any more", async () => {
    opened[0]?.unplug();
    await answer("tracks");
    expect(keeper.states.value.camera).toMatchObject({ is: "held", instead: true });
    keeper.forget("camera");
    expect(keeper.states.value.camera).toMatchObject({ is: "held", instead: false });
    expect(live()).toEqual(held().toReversed());
  });

  test("both, one while the other is asked for: both are told, and tried again together", async () => {
    opened[0]?.unplug();
    opened[1]?.unplug();
    await answer(missingError);
    await answer(missingError);
    expect(DEVICES.map((device) => keeper.states.value[device])).toMatchObject([
      { is: "failed", why: "gone" },
      { is: "failed", why: "gone" },
    ]);
    batch(() => {
      for (const device of DEVICES) keeper.again(device);
    });
    expect(questions.map(({ ids }) => ids)).toEqual([{ camera: "", microphone: "" }]);
    await answer("tracks");
    expect(is()).toEqual(["held", "held"]);
  });

  test("one that is not held any more is missed by nobody", async () => {
    want({ camera: undefined });
    opened[0]?.unplug();
    expect([is(), questions]).toEqual([["off", "held"], []]);
  });
});

test("a failure is of what was asked for: another choice is tried, and off is no failure", async () => {
  want({ camera: "one", microphone: "" });
  await answer(new DOMException("", "NotAllowedError"));
  expect(is()).toEqual(["failed", "failed"]);
  want({ camera: "two" });
  want({ microphone: undefined });
  expect(is()).toEqual(["missing", "off"]);
});

const device = fc.constantFrom(...DEVICES);
const id = fc.constantFrom(undefined, "", "one");
const step = fc.oneof(
  fc.record({ camera: id, microphone: id }).map((change) => () => want(change)),
  fc.tuple(device, id).map(
    ([one, to]) =>
      () =>
        want({ [one]: to }),
  ),
  fc.constantFrom<Answer>("tracks", "tracks", "apart", missingError).map((given) => () => answer(given)),
  device.map((one) => () => keeper.again(one)),
  device.map((one) => () => keeper.forget(one)),
  device.map((one) => () => opened.findLast((track) => track.device === one && track.isLive)?.unplug()),
);

test("whatever happens: one question at a time, and nothing is live but what is held and wanted", () =>
  fc.assert(
    fc
      .asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        for (const act of steps) {
          await act();
          expect(live().toSorted()).toEqual(held().toSorted());
          expect(most).toBeLessThanOrEqual(1);
        }
        while (questions.length > 0) await answer("tracks");
        for (const one of DEVICES) {
          const state = keeper.states.value[one];
          expect(state.id).toBe(wanted.value[one]);
          expect(state.is).not.toBe("missing");
        }
        expect(live().toSorted()).toEqual(held().toSorted());
      })
      .beforeEach(() => {
        [opened, questions, most] = [[], [], 0];
        wanted = signal<Wanted>(NONE);
        keeper = keepDevices<Track>(wanted, open);
      }),
  ));
