/** How a relay is asked for all that it has, though it tells of a few hundred events at a time. */
import { beforeEach, expect, test } from "vitest";
import type { NostrEvent } from "../../protocol/nostr.ts";
import { Answer, type Filter } from "../../worker/relay-answer.ts";
import { Lookups } from "../../worker/relay-lookups.ts";
import { FILTER, kept } from "../support/kept.ts";

const TIMEOUT_MS = 5_000;

let filters: Filter[];
let closed: string[];
beforeEach(() => {
  [filters, closed] = [[], []];
});

/** A relay behind `Lookups`, that tells so many at once; `refusals` come first. */
const startRelay = (events: NostrEvent[], most: number, refusals: string[] = []): Lookups => {
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
const told = async (lookups: Lookups, timeoutMs = TIMEOUT_MS) => {
  const events: NostrEvent[] = [];
  const end = await lookups.askAll(FILTER, timeoutMs, (event) => events.push(event));
  return { events, end };
};
const ids = (events: NostrEvent[]) => new Set(events.map(({ id }) => id));

test("a short answer is all there is, and closes the subscription", async () => {
  const events = kept(98);
  const answer = await told(startRelay(events, 500));
  expect(answer).toEqual({ events: expect.arrayContaining(events), end: "told" });
  expect(answer.events).toHaveLength(98);
  expect(filters).toEqual([FILTER]);
  expect(closed).toHaveLength(1);
});

test("what a relay left out is asked for until nothing is missing", async () => {
  const { events, end } = await told(startRelay(kept(350), 150));
  expect(end).toBe("told");
  expect(ids(events).size).toBe(350);
  expect(filters.map(({ until }) => until)).toEqual([undefined, 2_200, 2_051]);
});

test("so is what follows few large events", async () => {
  const large = kept(40).map((event) => ({ ...event, content: "x".repeat(20_000) }));
  expect(ids((await told(startRelay(large, 16))).events).size).toBe(40);
});

test("a second that fills an answer by itself keeps nobody from what was before", async () => {
  const relay = startRelay(
    kept(400, (index) => (index < 100 ? 2_000 + index : 3_000)),
    200,
  );
  const { events } = await told(relay);
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
  expect(ids((await told(lookups)).events).size).toBe(100);
  expect(filters).toHaveLength(3);
});

test.each([
  ["rate-limited: slow down", 2, "told"],
  ["auth-required: who are you?", 2, "told"],
  ["blocked: not for you", 1, "refused"],
  ["error: too many subscriptions", 1, "refused"],
  ["error: too many tag values", 1, "too large"],
])("refused with “%s”: asked %i times, %s", async (refusal, times, expected) => {
  const { events, end } = await told(startRelay(kept(3), 500, [refusal]));
  expect([filters.length, events.length, end]).toEqual([times, times === 2 ? 3 : 0, expected]);
});

test("a relay that refuses for a while is asked until the time is over, and then it is not all", async () => {
  const refusals = Array.from({ length: 9 }, () => "rate-limited: slow down");
  expect(await told(startRelay(kept(3), 500, refusals), 1_000)).toEqual({ events: [], end: "late" });
  expect(filters).toHaveLength(3);
});

test("what was told before the connection broke counts", async () => {
  const lookups = new Lookups(() => {});
  const [event] = kept(1);
  const answer = told(lookups);
  lookups.found("lookup-1", event);
  lookups.lost();
  expect(await answer).toEqual({ events: [event], end: "lost" });
});

test("a question does not outlive its connection, also while it waits", async () => {
  const lookups = startRelay([], 500, ["rate-limited: slow down"]);
  const answer = told(lookups);
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  lookups.lost();
  expect((await answer).end).toBe("lost");
  expect(filters).toHaveLength(1);
});

test("a relay that is silent is asked again, and what it told counts", async () => {
  const lookups = new Lookups(([type]) => type === "REQ" && filters.push(FILTER));
  const [event] = kept(1);
  const answer = told(lookups, 100);
  lookups.found("lookup-1", event);
  expect(await answer).toEqual({ events: [event], end: "late" });
});

const answerOf = (events: unknown[]): Answer => {
  const answer = new Answer(FILTER["#p"]);
  for (const event of events) answer.add(event);
  return answer;
};

test("what is no event counts as told, and says nothing of when", () => {
  const garbage = Array.from({ length: 99 }, () => ({ tags: [[]] }));
  expect(answerOf([...garbage, ...kept(1)]).rest(FILTER)).toEqual({ ...FILTER, until: 2_000 });
  expect(answerOf([...garbage, null]).rest(FILTER)).toBe(undefined);
});

test("when others were written to as well says nothing, nor when others were", () => {
  const events = kept(100, (index) => 3_000 + index);
  const [event] = kept(1);
  const other = ["p", "cd".repeat(32)];
  const both = { ...event, tags: [...(event?.tags ?? []), other] };
  const foreign = { ...event, tags: [other] };
  expect(answerOf([...events, both, foreign]).rest(FILTER)?.until).toBe(3_000);
  expect(answerOf([...events.slice(1), foreign]).rest(FILTER)).toBe(undefined);
});

test("nothing is asked for that was not before", () => {
  expect(answerOf(kept(100, () => 1_000)).rest({ ...FILTER, until: 1_000 })).toBe(undefined);
});
