import { describe, expect, test } from "vitest";
import { type DeviceProblem, type Why, whyNot } from "../../web/page/device-problem.ts";
import { wordsFor } from "../../web/page/words.ts";

type Missing = Extract<DeviceProblem, { is: "no-device" }>;

const missing = (of: Partial<Missing>): Missing => ({
  is: "no-device",
  camera: undefined,
  microphone: undefined,
  isSeen: false,
  isHeard: false,
  ...of,
});
const camera = (why: Why) => wordsFor(missing({ camera: why, isHeard: true }));
const microphone = (why: Why) => wordsFor(missing({ microphone: why, isSeen: true }));
const both = (why: Why) => wordsFor(missing({ camera: why, microphone: why }));

const CASES: [string, Why, string, string, string, RegExp][] = [
  [
    "NotAllowedError",
    "refused",
    "The camera is not allowed",
    "The microphone is not allowed",
    "Camera and microphone are not allowed",
    /Allow the/,
  ],
  [
    "NotFoundError",
    "not-found",
    "No camera was found",
    "No microphone was found",
    "No camera and no microphone were found",
    /Connect a/,
  ],
  [
    "NotReadableError",
    "in-use",
    "The camera is in use",
    "The microphone is in use",
    "Camera and microphone are in use",
    /other program or tab/,
  ],
  [
    "OverconstrainedError",
    "unfit",
    "The camera cannot be used",
    "The microphone cannot be used",
    "Camera and microphone cannot be used",
    /choose a/,
  ],
  [
    "AbortError",
    "failed",
    "The camera does not start",
    "The microphone does not start",
    "Camera and microphone do not start",
    /keeps the/,
  ],
  [
    "SecurityError",
    "insecure-context",
    "No camera on this address",
    "No microphone on this address",
    "No camera and no microphone on this address",
    /https/,
  ],
];

describe.each(CASES)("%s", (name, why, ofCamera, ofMicrophone, ofBoth, help) => {
  test("is told by its name", () => expect(whyNot(new DOMException("", name), false)).toBe(why));

  test("has words for either, and for both", () => {
    expect([camera(why), microphone(why), both(why)].map(({ title }) => title)).toEqual([
      ofCamera,
      ofMicrophone,
      ofBoth,
    ]);
    for (const { text } of [camera(why), microphone(why), both(why)]) {
      expect(text).toMatch(help);
      expect(text).toMatch(/^[A-Z].*\.$/);
    }
    expect(microphone(why).text).not.toContain("camera");
    expect(camera(why).text).not.toContain("microphone");
  });

  test("has ways out: again, if that can help, without, and in writing for who is not seen", () => {
    const again = why === "insecure-context" ? [] : ["Try again"];
    const labels = ({ ways }: ReturnType<typeof camera>) => ways.map(({ label }) => label);
    expect(labels(camera(why))).toEqual([...again, "Go on without", "Use text only"]);
    expect(labels(both(why))).toEqual([...again, "Go on without", "Use text only"]);
    expect(labels(microphone(why))).toEqual([...again, "Go on without"]);
  });
});

test("what is lost is gone, unless it is the permission that was taken back", () => {
  for (const name of ["NotFoundError", "NotReadableError", "AbortError"]) {
    expect(whyNot(new DOMException("", name), true)).toBe("gone");
  }
  expect(whyNot(new DOMException("", "NotAllowedError"), true)).toBe("refused");
});

test("two with different troubles are both told", () => {
  const { title, text } = wordsFor(missing({ camera: "not-found", microphone: "refused" }));
  expect(title).toBe("No camera was found; the microphone is not allowed");
  expect(text).toMatch(/^Connect a camera\. Allow the microphone for this page/);
  expect(wordsFor(missing({ camera: "gone", microphone: "gone" })).title).toBe(
    "Your camera and microphone are gone",
  );
});

test("going on without is told with what the stranger gets, also of a camera that is switched off", () => {
  expect(camera("refused").text).toContain("hears and reads you, but does not see you");
  expect(microphone("refused").text).toContain("sees and reads you, but does not hear you");
  for (const problem of [
    missing({ camera: "refused", microphone: "refused" }),
    missing({ microphone: "refused" }),
  ]) {
    expect(wordsFor(problem).text).toContain("you see and hear the stranger, and they read you");
  }
});

test("what has taken the place of what was lost is named", () => {
  const one = wordsFor({ is: "device-replaced", camera: "Webcam <2>", microphone: undefined });
  expect(one.title).toBe("Your camera is gone");
  expect(one.text).toBe("It was unplugged or taken away. Now in use: Webcam <2>.");
  expect(one.ways.map(({ label }) => label)).toEqual(["OK"]);
  const two = wordsFor({ is: "device-replaced", camera: "Webcam", microphone: "Headset" });
  expect(two.title).toBe("Your camera and microphone are gone");
  expect(two.text).toContain("Webcam, Headset");
});
