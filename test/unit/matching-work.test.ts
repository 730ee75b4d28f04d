import { expect, test } from "vitest";
import { Agenda } from "../../edge/matching/agenda.ts";
import { Waiting } from "../../edge/matching/ticket.ts";
import { Matching, type Ticket } from "../../edge/matching.ts";
import { randomNumbers } from "../support/matching-story.ts";
import { ticketOf } from "../support/ticket.ts";

const TIMES = { rematchWindow: 60_000, relaxTime: 5_000 };

/** A crowd of some size, each made from a number. */
const crowd = (size: number, of: (index: number) => Partial<Ticket>): Ticket[] =>
  Array.from({ length: size }, (_, index) => ticketOf(`p${index}`, of(index)));

/** How often two tickets are compared in the course of something. */
const comparisons = (action: () => void): number => {
  let count = 0;
  const { isBarredFrom } = Waiting.prototype;
  Waiting.prototype.isBarredFrom = function (other) {
    count += 1;
    return isBarredFrom.call(this, other);
  };
  try {
    action();
  } finally {
    Waiting.prototype.isBarredFrom = isBarredFrom;
  }
  return count;
};

const enterAll = (matching: Matching, tickets: Ticket[], now = 0): number =>
  tickets.reduce((pairs, ticket) => pairs + matching.enter(ticket, now).length, 0);

const random = randomNumbers(1);
const someOf = (count: number, of: number): string[] =>
  Array.from({ length: count }, () => `i${random() % of}`).filter(
    (name, at, all) => all.indexOf(name) === at,
  );

test.each<[string, (index: number) => Partial<Ticket>]>([
  ["wishes nothing", () => ({})],
  ["has the same eight interests", () => ({ interests: [..."abcdefgh"] })],
  ["has an interest that nobody shares", (index) => ({ interests: [`i${index}`] })],
  ["has some of few interests", () => ({ interests: someOf(4, 20) })],
  ["has some of very many interests", () => ({ interests: someOf(8, 100_000) })],
  ["is of one of two modes", (index) => ({ mode: index % 2 > 0 ? "video" : "text" })],
  [
    "has blocked the one who waits longest",
    (index) => (index > 0 ? { blocked: ["nuisance"] } : { names: ["nuisance"] }),
  ],
  [
    "is blocked by the one who waits longest",
    (index) => (index > 0 ? { names: ["disliked"] } : { blocked: ["disliked"] }),
  ],
])("20,000 at once, where everyone %s: not two comparisons for each", (_, of) => {
  for (const size of [2_000, 20_000]) {
    const tickets = crowd(size, of);
    const matching = new Matching(TIMES);
    let pairs = 0;
    const work = comparisons(() => {
      pairs = enterAll(matching, tickets);
      pairs += matching.advance(TIMES.relaxTime).length;
    });
    expect(work).toBeLessThan(2 * size);
    expect(pairs).toBe(size / 2 - (matching.size > 0 ? 1 : 0));
  }
});

test("where all have skipped one another, each two are compared once, and paired when they may be", () => {
  const tickets = crowd(200, () => ({}));
  const matching = new Matching(TIMES);
  for (const [index, one] of tickets.entries()) {
    for (const other of tickets.slice(index + 1)) matching.skip([one.id], [other.id], index);
  }
  expect(comparisons(() => enterAll(matching, tickets, 200))).toBe((200 * 199) / 2);
  expect(matching.due).toBe(60_000);
  const ends = comparisons(() => {
    for (let pairs = 0; pairs < 100; ) pairs += matching.advance(matching.due).length;
  });
  expect(ends).toBe(100);
  expect(matching.due).toBe(Number.POSITIVE_INFINITY);
});

test.each<[string, Partial<Ticket>]>([
  ["have blocked the name that they share", { names: ["us"], blocked: ["us"] }],
  ["share eight interests, too", { names: ["us"], blocked: ["us"], interests: [..."abcdefgh"] }],
  ["have met one another", { met: Array.from({ length: 300 }, (_, index) => `p${index}`) }],
])("300 who wait because they %s cost others nothing, and themselves 300 at most", (_, all) => {
  const matching = new Matching({ ...TIMES, relaxTime: 1e9 });
  const clique = crowd(300, () => all);
  expect(enterAll(matching, clique)).toBe(0);
  expect(matching.size).toBe(300);

  expect(comparisons(() => matching.enter(ticketOf("p0", { ...all, since: 1 }), 1))).toBe(299);
  const { interests = [] } = all;
  for (let index = 0; index < 300; index += 1) {
    const work = comparisons(() => {
      expect(matching.enter(ticketOf(`q${index}`, { interests, since: 2 }), 2)).toHaveLength(1);
    });
    expect(work).toBe(1);
  }
});

test("one who has skipped and blocked hundreds costs others nothing", () => {
  const matching = new Matching(TIMES);
  const clique = crowd(300, (index) => ({ names: ["us", `p${index}`], blocked: ["us"] }));
  enterAll(matching, clique);
  for (const { id } of clique.slice(0, 150)) matching.skip(["fussy"], [id], 0);
  const blocked = clique.slice(150).map(({ id }) => id);
  for (let time = 1; time <= 300; time += 1) {
    const left = matching.size - (matching.has("fussy") ? 1 : 0);
    expect(comparisons(() => matching.enter(ticketOf("fussy", { blocked, since: time }), time))).toBe(left);
    expect(comparisons(() => matching.enter(ticketOf("guest", { since: time }), time))).toBe(1);
  }
  expect([...matching.waiting]).toEqual(["fussy"]);
});

test("appointments come up in their order, however many are given up", () => {
  const gone = new Set<Waiting>();
  const agenda = new Agenda((waiting) => !gone.has(waiting));
  const people = crowd(500, () => ({})).map((ticket, turn) => new Waiting(ticket, turn, 0));
  const person = (): Waiting => people[random() % people.length] ?? person();
  const meetings = Array.from({ length: 20_000 }, () => ({
    at: random() % 1_000,
    longer: person(),
    shorter: person(),
  }));
  for (const [index, meeting] of meetings.entries()) {
    agenda.add(meeting);
    if (index % 50 === 0) gone.add(person());
  }
  const left = meetings.filter(({ longer, shorter }) => !gone.has(longer) && !gone.has(shorter));
  left.sort((a, b) => a.at - b.at || a.longer.turn - b.longer.turn || a.shorter.turn - b.shorter.turn);
  for (const meeting of left) {
    const { at, longer, shorter } = agenda.next ?? meeting;
    expect([at, longer.turn, shorter.turn]).toEqual([meeting.at, meeting.longer.turn, meeting.shorter.turn]);
    agenda.takeNext();
  }
  expect(left.length).toBeGreaterThan(2_000);
  expect(agenda.next).toBeUndefined();
});
