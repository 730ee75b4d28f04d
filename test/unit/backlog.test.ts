/** What a relay left out when it began to listen is read, one answer after the other, in its time. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Backlog } from "../../worker/backlog.ts";
import { Answer, type Filter } from "../../worker/relay-answer.ts";
import type { End } from "../../worker/relay-lookups.ts";
import { FILTER, KEY, kept } from "../support/kept.ts";

const OTHER = "cd".repeat(32);
const KNOWN = { ...FILTER, "#p": [OTHER], limit: 100 };

let questions: (Filter & { at: number })[];
/** What the relay says to the next questions; nothing more after that. */
let answers: { end: End; events: number }[];
let backlog: Backlog;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"], now: 0 });
  [questions, answers] = [[], []];
  const begun = performance.now();
  backlog = new Backlog(async (filter) => {
    questions.push({ ...filter, at: performance.now() - begun });
    const { end, events } = answers.shift() ?? { end: "told", events: 0 };
    const answer = new Answer(filter["#p"]);
    for (const event of kept(events, (index) => (filter.until ?? 0) - index)) answer.add(event);
    return { end, answer };
  });
});
afterEach(() => {
  backlog.lost();
  vi.useRealTimers();
});

/** The relay tells so many, from 5,000 down, and then EOSE. */
const tell = (id: string, count: number) => {
  for (const event of kept(count, (index) => 5_000 - index)) backlog.heard(id, event);
  backlog.answered(id);
};
const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1_000);

test("what is older than a long answer is read until an answer is short", async () => {
  backlog.asked(["REQ", "one", FILTER, KNOWN]);
  answers = [{ end: "told", events: 300 }];
  tell("one", 150);
  await pass(60);
  expect(questions.map(({ until }) => until)).toEqual([4_851, 4_552]);
});

test("the relay is given time for what it has told", async () => {
  backlog.asked(["REQ", "one", FILTER]);
  answers = [{ end: "told", events: 300 }];
  tell("one", 150);
  await pass(60);
  expect(questions.map(({ at }) => at)).toEqual([1_000, 3_000]);
});

test("nothing is asked after a short answer, for what came live, or over a lost connection", async () => {
  backlog.asked(["REQ", "one", FILTER]);
  tell("one", 99);
  tell("one", 100);
  backlog.asked(["REQ", "one", KNOWN]);
  tell("one", 100);
  backlog.asked(["REQ", "one", FILTER]);
  backlog.asked(["CLOSE", "one"]);
  tell("one", 100);
  backlog.asked(["REQ", "one", FILTER]);
  tell("one", 100);
  backlog.asked(["CLOSE", "one"]);
  backlog.asked(["REQ", "one", FILTER]);
  tell("one", 100);
  backlog.lost();
  await pass(60);
  expect(questions).toEqual([]);
});

test("a relay that would not answer is asked ever more rarely, and for a minute", async () => {
  backlog.asked(["REQ", "one", FILTER]);
  answers = Array.from({ length: 20 }, () => ({ end: "not now", events: 0 }));
  tell("one", 150);
  await pass(300);
  expect(questions.map(({ at }) => at / 1_000)).toEqual([1, 3, 7, 15, 31, 63]);
  expect(new Set(questions.map(({ until }) => until))).toEqual(new Set([4_851]));
});

test("asked again before it has answered, the relay's first EOSE may be that of the first question", async () => {
  backlog.asked(["REQ", "one", FILTER]);
  for (const event of kept(100)) backlog.heard("one", event);
  backlog.asked(["REQ", "one", FILTER]);
  backlog.answered("one");
  await pass(60);
  expect(questions).toMatchObject([{ until: 2_000 }]);
});

test("however often a relay has something left out, a subscription is one question, for all of its keys", async () => {
  for (let times = 0; times < 50; times++) {
    backlog.asked(["REQ", "one", times % 2 ? FILTER : { ...FILTER, "#p": [OTHER, KEY] }]);
    tell("one", 150);
  }
  await pass(60);
  expect(questions).toMatchObject([{ "#p": [KEY, OTHER], until: 4_851 }]);
});

test("subscriptions are read in turns, and what is lost stays lost", async () => {
  for (const id of ["one", "two"]) {
    backlog.asked(["REQ", id, { ...FILTER, "#p": [KEY, id] }]);
    tell(id, 150);
  }
  answers = Array.from({ length: 3 }, () => ({ end: "told", events: 150 }));
  await pass(3.5);
  expect(questions.map((filter) => filter["#p"][1])).toEqual(["one", "two", "one"]);
  backlog.lost();
  await pass(60);
  expect(questions).toHaveLength(3);
});
