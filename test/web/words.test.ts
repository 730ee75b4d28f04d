import { describe, expect, test } from "vitest";
import { type Problem, refusalWords, wordsFor } from "../../web/page/words.ts";

const LATER = 1_790_000_000_000;

const PROBLEMS: [Problem, RegExp, string[]][] = [
  [{ is: "offline" }, /offline/, ["Try again", "Back to the start"]],
  [{ is: "unreachable" }, /does not answer/, ["Try again", "Back to the start"]],
  [{ is: "banned" }, /banned/, ["Back to the start"]],
  [{ is: "rate-limited", retryAt: LATER }, /Too fast/, ["Try again", "Back to the start"]],
  [{ is: "draining", retryAt: undefined }, /pause/, ["Try again", "Back to the start"]],
  [{ is: "too-many-connections" }, /Too many tabs/, ["Try again", "Back to the start"]],
  [{ is: "replaced" }, /elsewhere/, ["Search here", "Back to the start"]],
  [{ is: "outdated" }, /out of date/, ["Reload"]],
  [{ is: "refused" }, /hung up/, ["Reload", "Try again"]],
  [{ is: "call-failed" }, /stranger failed/, ["Try again", "Meet somebody else"]],
  [{ is: "no-relay" }, /stranger failed/, ["Meet somebody else", "Try again"]],
];

describe.each(PROBLEMS)("%j", (problem, title, labels) => {
  const words = wordsFor(problem);

  test("says what has happened, and what to do", () => {
    expect(words.title).toMatch(title);
    expect(words.text).toMatch(/^[A-Z].*\.$/);
  });

  test("has ways out, each different", () => {
    expect(words.ways.map(({ label }) => label)).toEqual(labels);
    expect(new Set(words.ways.map(({ way }) => way)).size).toBe(labels.length);
  });
});

test("no two kinds say the same", () => {
  const texts = PROBLEMS.map(([problem]) => wordsFor(problem).text);
  expect(new Set(texts).size).toBe(texts.length);
});

test("whoever has to wait is told whether the page goes on by itself", () => {
  expect(wordsFor({ is: "rate-limited", retryAt: LATER }).text).toContain("by itself");
  expect(wordsFor({ is: "rate-limited", retryAt: undefined }).text).toContain("then try again");
});

test("what the server has not done has words for the person, not its own", () => {
  expect(refusalWords("rate-limited")).toContain("Too fast");
  expect(refusalWords("peer-away")).toContain("away");
  expect(refusalWords("unavailable")).toContain("Try again");
  expect(refusalWords("bad-message")).toBe("The server did not take that.");
  // A ban is a problem with a way out, not a line among others.
  expect(refusalWords("banned")).toBeUndefined();
});
