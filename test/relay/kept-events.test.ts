import { DatabaseSync } from "node:sqlite";
import { beforeEach, expect, test } from "vitest";
import { readFilter } from "../../edge/relay/filter.ts";
import { KeptEvents } from "../../edge/relay/kept-events.ts";
import { LIMITS } from "../../edge/relay/limits.ts";
import type { Sql } from "../../edge/sql.ts";
import { NOSTR_CONNECT, type NostrEvent } from "../../protocol/nostr.ts";

const NOON = 1_800_000_000_000;
const [ALICE, BOB, CAROL] = ["a".repeat(64), "b".repeat(64), "c".repeat(64)] as const;

let sql: Sql;
let kept: KeptEvents;
let count: number;
let queries: number;

beforeEach(() => {
  const database = new DatabaseSync(":memory:");
  queries = 0;
  sql = {
    exec: (query, ...bindings) => {
      queries += 1;
      const rows = database.prepare(query).all(...bindings);
      return Object.assign(rows, { rowsRead: rows.length });
    },
  };
  kept = new KeptEvents(sql);
  count = 0;
});

const write = (template: Partial<NostrEvent> = {}): NostrEvent => {
  count += 1;
  return {
    id: count.toString(16).padStart(64, "0"),
    pubkey: ALICE,
    kind: NOSTR_CONNECT,
    created_at: NOON / 1_000,
    tags: [["p", BOB]],
    content: "",
    sig: "0".repeat(128),
    ...template,
  };
};

const add = (event: NostrEvent, now = NOON): void => kept.add(event, JSON.stringify(event), now);

const find = (now: number, ...filters: unknown[]): NostrEvent[] => {
  const parsed = filters.map(readFilter).filter((filter) => typeof filter !== "string");
  return kept.find(parsed, now).events.map((json) => JSON.parse(json));
};

test("an event is kept for 60 seconds, found or not", () => {
  const event = write();
  add(event);
  expect(find(NOON + 59_999, { "#p": [BOB] })).toEqual([event]);
  expect(find(NOON + 60_000, { "#p": [BOB] })).toEqual([]);
  kept.prune(NOON + 59_999);
  expect(kept.isEmpty).toBe(false);
  kept.prune(NOON + 60_000);
  expect(kept.isEmpty).toBe(true);
});

test("it is found again by an object that has lost its memory", () => {
  const event = write();
  add(event);
  kept = new KeptEvents(sql);
  expect(kept.isEmpty).toBe(false);
  expect(kept.has(event.id)).toBe(true);
  expect(find(NOON, { "#p": [BOB] })).toEqual([event]);
});

test("only messages to one recipient are kept", () => {
  add(write({ kind: 20_000 }));
  add(write({ tags: [] }));
  add(write({ tags: [["p"]] }));
  add(
    write({
      tags: [
        ["p", BOB],
        ["p", CAROL],
      ],
    }),
  );
  expect(kept.isEmpty).toBe(true);
});

test("all conditions of a filter hold, and a filter without #p finds nothing", () => {
  const [toBob, toCarol] = [write(), write({ tags: [["p", CAROL]], pubkey: BOB })];
  add(toBob);
  add(toCarol);
  expect(find(NOON, { "#p": [CAROL], authors: [ALICE] })).toEqual([]);
  expect(find(NOON, { "#p": [CAROL], authors: [BOB] })).toEqual([toCarol]);
  expect(find(NOON, { "#p": [BOB, CAROL] }, { "#p": [CAROL] })).toHaveLength(2);
  expect(find(NOON, { kinds: [NOSTR_CONNECT] }, { ids: [toBob.id] }, {})).toEqual([]);
  expect(find(NOON, { "#p": [] })).toEqual([]);
});

test("time, author and id are looked at by the database, other tags in the event itself", () => {
  const old = write({ created_at: NOON / 1_000 - 50 });
  const young = write({
    tags: [
      ["p", BOB],
      ["t", "ours"],
    ],
  });
  for (const event of [old, young]) add(event);
  const to = { "#p": [BOB] };
  expect(find(NOON, { ...to, until: old.created_at })).toEqual([old]);
  expect(find(NOON, { ...to, since: young.created_at })).toEqual([young]);
  expect(find(NOON, { ...to, ids: [old.id] })).toEqual([old]);
  expect(find(NOON, { ...to, authors: [], ids: [old.id] })).toEqual([]);
  expect(find(NOON, { ...to, "#t": ["ours"], limit: 1 })).toEqual([young]);
  expect(find(NOON, { ...to, "#t": ["theirs"] })).toEqual([]);
});

test("what cannot match is not looked for, and what is asked twice is looked for once", () => {
  add(write());
  queries = 0;
  find(NOON, { "#p": [BOB], kinds: [20_000] }, { "#p": [BOB], limit: 0 }, { kinds: [NOSTR_CONNECT] });
  expect(queries).toBe(0);
  const nobody = { "#p": [BOB], authors: [CAROL] };
  find(NOON, ...Array(10).fill(nobody));
  expect(queries).toBe(1);
});

test("the newest come first, and no more than the limit of the filter", () => {
  const [old, young, middle] = [-20, -1, -10].map((age) => write({ created_at: NOON / 1_000 + age }));
  for (const event of [old, young, middle]) if (event) add(event);
  expect(find(NOON, { "#p": [BOB] })).toEqual([young, middle, old]);
  expect(find(NOON, { "#p": [BOB], limit: 2 })).toEqual([young, middle]);
  expect(find(NOON, { "#p": [BOB], limit: 0 })).toEqual([]);
});

test("an author or a recipient with too much loses the oldest, and costs nobody else any", () => {
  const { events, bytes } = LIMITS.kept.perPerson;
  const bystander = write({ pubkey: CAROL, tags: [["p", CAROL]] });
  add(bystander);
  const many = Array.from({ length: events + 1 }, () => write());
  for (const event of many) add(event);
  expect(find(NOON, { "#p": [BOB] })).toHaveLength(events);
  expect(kept.has(many[0]?.id ?? "")).toBe(false);

  const large = Array.from({ length: 20 }, () => write({ content: "x".repeat(65_536) }));
  for (const event of large) add(event);
  const sizes = find(NOON, { "#p": [BOB] }).map((event) => JSON.stringify(event).length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(bytes);
  expect(kept.has(large.at(-1)?.id ?? "")).toBe(true);
  expect(find(NOON, { "#p": [CAROL] })).toEqual([bystander]);
});

test("in all, the oldest give way", () => {
  const { events } = LIMITS.kept.total;
  const strangers = Array.from({ length: events + 1 }, (_, n) => {
    const stranger = n.toString(16).padStart(64, "f");
    return write({ pubkey: stranger, tags: [["p", stranger]] });
  });
  for (const event of strangers) add(event);
  expect(kept.has(strangers[0]?.id ?? "")).toBe(false);
  expect(kept.has(strangers.at(-1)?.id ?? "")).toBe(true);
});

test("one request gets no more than it may", () => {
  const { bytes } = LIMITS.replay;
  const strangers = Array.from({ length: 60 }, (_, n) => n.toString(16).padStart(64, "f"));
  for (const stranger of strangers) {
    add(write({ pubkey: stranger, tags: [["p", stranger]], content: "x".repeat(65_536) }));
  }
  const found = find(NOON, { "#p": strangers });
  const sizes = found.map((event) => JSON.stringify(event).length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(bytes + 70_000);
  expect(found.length).toBeGreaterThan(20);
});
