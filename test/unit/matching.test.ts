import { expect, test } from "vitest";
import { Matching, type Ticket } from "../../edge/matching.ts";
import { ticketOf } from "../support/ticket.ts";

const WINDOW = 60_000;
const RELAX = 5_000;

/** Somebody enters at a moment, having just begun to wait; returns who met, as `longer shorter`. */
const setUp = () => {
  const matching = new Matching({ rematchWindow: WINDOW, relaxTime: RELAX });
  return {
    matching,
    enter: (id: string, now: number, more: Partial<Ticket> = {}) =>
      matching
        .enter(ticketOf(id, { since: now, ...more }), now)
        .map(({ longer, shorter }) => `${longer} ${shorter}`),
    advance: (now: number) => matching.advance(now).map(({ longer, shorter }) => `${longer} ${shorter}`),
  };
};

test("two who skipped each other and nobody else: paired when the window ends, not a millisecond earlier", () => {
  const { matching, enter, advance } = setUp();
  expect(matching.due).toBe(Number.POSITIVE_INFINITY);
  matching.skip(["a"], ["b"], 1_000);
  expect(enter("b", 1_000)).toEqual([]);
  expect(enter("a", 1_000)).toEqual([]);
  expect(matching.due).toBe(61_000);
  expect(advance(60_999)).toEqual([]);
  expect(advance(61_000)).toEqual(["b a"]);
  expect(matching.due).toBe(Number.POSITIVE_INFINITY);
});

test("a skip counts for all who have a name of the two, but for names that both have", () => {
  const { matching, enter, advance } = setUp();
  matching.skip(["a", "house A", "npub1a"], ["house B", "npub1b"], 0);
  matching.skip(["c", "house A"], ["d"], 0);
  enter("a again", 0, { names: ["a again", "house A"] });
  expect(enter("b again", 0, { names: ["b again", "house B"] })).toEqual([]);
  expect(enter("npub1b", 0), "whoever of the house it was").toEqual(["b again npub1b"]);
  expect(enter("b", 1, { names: ["b", "house A", "npub1b"] }), "neighbours").toEqual(["a again b"]);
  enter("e", 2, { names: ["e", "house A"] });
  expect(enter("d", 2)).toEqual([]);
  expect(advance(59_999)).toEqual([]);
  expect(advance(60_000)).toEqual(["e d"]);
});

test("whom one has met is told by any name", () => {
  const { enter, advance } = setUp();
  enter("a", 0, { met: ["house"] });
  expect(enter("b", 0, { names: ["b", "house"] })).toEqual([]);
  expect(advance(5_000)).toEqual(["a b"]);
});

test("a newcomer meets whoever has waited longest, wherever the wait began", () => {
  const { matching, enter } = setUp();
  matching.skip(["a"], ["b"], 0);
  enter("a", 10);
  enter("b", 10);
  expect(enter("c", 11, { since: 3, blocked: ["a", "b"] })).toEqual([]);
  expect([...matching.waiting]).toEqual(["c", "a", "b"]);
  expect(enter("d", 12)).toEqual(["c d"]);
  expect(enter("e", 13)).toEqual(["a e"]);
  expect(enter("f", 13)).toEqual(["b f"]);
  expect(matching.size).toBe(0);
});

test("who asks again has the new wishes and, where the wait goes on, the old place", () => {
  const { matching, enter } = setUp();
  matching.skip(["a"], ["b"], 0);
  enter("a", 0);
  enter("b", 0);
  expect(enter("a", 1, { since: 0 })).toEqual([]);
  expect([...matching.waiting]).toEqual(["a", "b"]);
  expect(enter("a", 2)).toEqual([]);
  expect([...matching.waiting]).toEqual(["b", "a"]);
  expect(enter("b", 3, { since: 0, mode: "text" })).toEqual([]);
  expect(enter("c", 3)).toEqual(["a c"]);
});

test("a shared interest comes first, anyone once both have waited for the relax time", () => {
  const { matching, enter, advance } = setUp();
  expect(enter("chess", 0, { interests: ["chess"] })).toEqual([]);
  expect(matching.due, "nobody else is there").toBe(Number.POSITIVE_INFINITY);
  expect(enter("go", 1_000, { interests: ["go"] })).toEqual([]);
  expect(matching.due, "both have to have waited").toBe(6_000);
  expect(
    matching.enter(ticketOf("both", { since: 2_000, interests: ["music", "go", "chess"] }), 2_000),
    "the longest wait of both interests",
  ).toEqual([{ longer: "chess", shorter: "both", interests: ["chess"], met: false }]);
  expect(matching.due).toBe(Number.POSITIVE_INFINITY);
  expect(enter("any", 3_000), "one still insists").toEqual([]);
  expect(matching.due).toBe(6_000);
  expect(advance(5_999)).toEqual([]);
  expect(advance(6_000)).toEqual(["go any"]);
});

test("a shared interest comes before a longer wait, somebody new before both", () => {
  const apart = { blocked: ["bar"], names: ["bar"] };
  const { enter } = setUp();
  enter("old", 0, apart);
  enter("go", 5_000, { interests: ["go"], ...apart });
  enter("friend", 6_000, { interests: ["go"], ...apart, met: ["x", "y"] });
  expect(enter("x", 20_000, { since: 0, interests: ["go"] })).toEqual(["x go"]);
  expect(enter("y", 20_000, { since: 0, interests: ["go"] })).toEqual(["old y"]);
});

test("somebody met before is better than nobody, once both have waited for the relax time", () => {
  const { matching, enter, advance } = setUp();
  enter("a", 0, { met: ["b"] });
  expect(enter("b", 1_000)).toEqual([]);
  expect(matching.due).toBe(6_000);
  expect(advance(5_999)).toEqual([]);
  expect(matching.advance(6_000)).toEqual([{ longer: "a", shorter: "b", interests: [], met: true }]);
});

test("who has blocked or is blocked, by whatever name, is never met", () => {
  const { matching, enter, advance } = setUp();
  enter("a", 0, { names: ["a", "npub1a", "house"] });
  expect(enter("b", 0, { blocked: ["npub1a"] })).toEqual([]);
  expect(enter("c", 0, { names: ["c", "d"], blocked: ["house", "b"] })).toEqual([]);
  expect(matching.due).toBe(Number.POSITIVE_INFINITY);
  expect(advance(1e9)).toEqual([]);
  expect(enter("d", 1e9)).toEqual(["a d"]);
});

test("the modes do not meet", () => {
  const { matching, enter, advance } = setUp();
  enter("v", 0);
  expect(enter("t", 0, { mode: "text", interests: ["go"] })).toEqual([]);
  expect(matching.due).toBe(Number.POSITIVE_INFINITY);
  expect(advance(1e9)).toEqual([]);
  expect(enter("u", 1e9, { mode: "text" })).toEqual(["t u"]);
});

test("a wake-up that comes late does what would have been done in time", () => {
  const { matching, enter, advance } = setUp();
  matching.skip(["a"], ["b"], 0);
  enter("a", 1_000);
  enter("b", 2_000);
  enter("go", 58_000, { interests: ["go"] });
  expect(advance(100_000), "at 60 s, before the third opened up").toEqual(["a b"]);
  expect([...matching.waiting]).toEqual(["go"]);
});
