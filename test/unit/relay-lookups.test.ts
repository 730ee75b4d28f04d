/** How a relay is asked for all that it has, though it tells of a few hundred events at a time. */
import { beforeEach, expect, test } from "vitest";
import type { NostrEvent } from "../../protocol/nostr.ts";
import { Backlog } from "../../worker/backlog.ts";
import { type Filter, Lookups } from "../../worker/relay-lookups.ts";
import { signed } from "../support/router.ts";

const KEY = "ab".repeat(32);
const FILTER: Filter = { kinds: [24_133], "#p": [KEY], since: 1_000 };
const TIMEOUT_MS = 5_000;

const EVENT = signed({ tags: [["p", KEY]] });

/** What the relay keeps, one event a second from 2,000 on, and how many it tells at once. */
const kept = (count: number, at = (index: number) => 2_000 + index) =>
  Array.from({ length: count }, (_, index) => ({
    ...EVENT,
    id: index.toString(16).padStart(64, "0"),
    created_at: at(index),
  }));

let filters: Filter[];
let closed: string[];
beforeEach(() => {
  [filters, closed] = [[], []];
});

/** A relay behind `Lookups`; `refusals` come first. */
const startRelay = (events: ReturnType<typeof kept>, most: number, refusals: string[] = []): Lookups => {
  const answer = (id: string, filter: Filter) => {
    const refusal = refusals.shift();
    if (refusal !== undefined) {
      lookups.refused(id, refusal);
      return;
    }
    const { since, until = Number.POSITIVE_INFINITY } = filter;
    const found = events.filter(({ created_at }) => created_at >= since && created_at <= until);
    const newest = found.sort((a, b) => b.created_at - a.created_at).slice(0, most);
    for (const event of newest) lookups.found(id, event);
    lookups.found(id, { kind: "garbage" });
    lookups.answered(id);
  };
  const lookups = new Lookups(([type, id, filter]) => {
    if (type === "CLOSE") closed.push(String(id));
    else {
      filters.push(filter as Filter);
      setImmediate(answer, String(id), filter as Filter);
    }
  });
  return lookups;
};

/** What a relay tells when it is asked. */
const asked = async (lookups: Lookups) => {
  const events: NostrEvent[] = [];
  const end = await lookups.ask(FILTER, TIMEOUT_MS, (event) => events.push(event));
  return { events, end };
};
const ids = (events: NostrEvent[]) => new Set(events.map(({ id }) => id));

test("a short answer is all there is, and closes the subscription", async () => {
  const events = kept(99);
  const findings = await asked(startRelay(events, 500));
  expect(findings).toEqual({ events: expect.arrayContaining(events), end: "done" });
  expect(findings.events).toHaveLength(99);
  expect(filters).toEqual([FILTER]);
  expect(closed).toHaveLength(1);
});

test("what a relay held back is asked for until nothing is missing", async () => {
  const { events, end } = await asked(startRelay(kept(350), 150));
  expect(end).toBe("done");
  expect(ids(events).size).toBe(350);
  expect(filters.map(({ until }) => until)).toEqual([undefined, 2_200, 2_051]);
});

test("a second that fills an answer by itself keeps nobody from what was before", async () => {
  const relay = startRelay(
    kept(400, (index) => (index < 100 ? 2_000 + index : 3_000)),
    200,
  );
  const { events } = await asked(relay);
  expect(new Set(events.map(({ created_at }) => created_at)).size).toBe(101);
});

test("a relay that knows no `until`, and tells the same again, is left", async () => {
  const lookups = new Lookups(([type, id]) => {
    if (type !== "REQ") return;
    filters.push(FILTER);
    setImmediate(() => {
      for (const event of kept(100)) lookups.found(String(id), event);
      lookups.answered(String(id));
    });
  });
  expect(ids((await asked(lookups)).events).size).toBe(100);
  expect(filters.length).toBe(3);
});

test.each([
  ["rate-limited: slow down", 2],
  ["auth-required: who are you?", 2],
  ["blocked: not for you", 1],
  ["error: too many subscriptions", 1],
])("refused with “%s”: asked %i times", async (refusal, times) => {
  const { events, end } = await asked(startRelay(kept(3), 500, [refusal]));
  expect([filters.length, events.length, end]).toEqual([times, times === 2 ? 3 : 0, "done"]);
});

test("a relay that refuses for ever is left, and one that wants fewer keys is said to", async () => {
  const refusals = Array.from({ length: 9 }, () => "rate-limited: slow down");
  expect(await asked(startRelay([], 500, refusals))).toEqual({ events: [], end: "done" });
  expect(filters).toHaveLength(4);
  const refusal = "error: too many tag values";
  expect(await asked(startRelay([], 500, [refusal]))).toMatchObject({ end: "too large" });
});

test("what was told before the connection broke, or the time was over, counts", async () => {
  const lookups = new Lookups(() => {});
  const [event] = kept(1);
  for (const [serial, timeoutMs] of [TIMEOUT_MS, 1].entries()) {
    const found: unknown[] = [];
    const end = lookups.ask(FILTER, timeoutMs, (event) => found.push(event));
    lookups.found(`lookup-${serial + 1}`, event);
    if (timeoutMs === TIMEOUT_MS) lookups.lost();
    expect([await end, found]).toEqual(["broken off", [event]]);
  }
});

const setUpBacklog = () => {
  const questions: Filter[] = [];
  return { backlog: new Backlog(async (filter) => questions.push(filter)), questions };
};

test("when a relay has told much as it began to listen, what is older is asked for", () => {
  const { backlog, questions } = setUpBacklog();
  const known = { kinds: [24_133], "#p": ["cd".repeat(32)], since: 1_000, limit: 100 };
  backlog.asked(["REQ", "one", FILTER, known]);
  for (const event of kept(100, (index) => 5_000 - index)) backlog.heard("one", event);
  // Of keys that it listens for already, only the youngest were asked for.
  for (const event of kept(100)) backlog.heard("one", { ...event, tags: [["p", "cd".repeat(32)]] });
  backlog.heard("one", { created_at: 1 });
  backlog.answered("one");
  expect(questions).toEqual([{ ...FILTER, until: 4_901 }]);
});

test("nothing is asked for after a short answer, one to a newer question, or a lost connection", () => {
  const { backlog, questions } = setUpBacklog();
  const events = kept(100);
  backlog.asked(["REQ", "one", FILTER]);
  for (const event of events.slice(1)) backlog.heard("one", event);
  backlog.answered("one");
  // Live events.
  for (const event of events) backlog.heard("one", event);
  backlog.answered("one");

  const spoils = [
    () => backlog.asked(["REQ", "one", FILTER]),
    () => backlog.asked(["CLOSE", "one"]),
    () => backlog.lost(),
  ];
  for (const spoil of spoils) {
    backlog.asked(["REQ", "one", FILTER]);
    for (const event of events) backlog.heard("one", event);
    spoil();
    backlog.answered("one");
  }
  expect(questions).toEqual([]);
});
