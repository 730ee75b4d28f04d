import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, test } from "vitest";
import { type Ban, Bans } from "../../edge/moderation/bans.ts";
import { countPeople } from "../../edge/moderation/reporters.ts";
import { Reports } from "../../edge/moderation/reports.ts";
import type { Sql } from "../../edge/sql.ts";

const NOON = 1_800_000_000_000;
const DAY = 86_400_000;
const NEVER = Number.POSITIVE_INFINITY;

let sql: Sql;
beforeEach(() => {
  const database = new DatabaseSync(":memory:");
  sql = {
    exec: (query, ...bindings) => {
      const rows = database.prepare(query).all(...bindings);
      return Object.assign(rows, { rowsRead: rows.length });
    },
  };
});

describe("how many people reported", () => {
  test.each([
    ["nobody", [], 0],
    ["three who share nothing", [["a"], ["b"], ["c", "npubC"]], 3],
    ["one, three times", [["a"], ["a"], ["a"]], 1],
    [
      "three keys from one address",
      [
        ["a", "npub1"],
        ["a", "npub2"],
        ["a", "npub3"],
      ],
      1,
    ],
    [
      "one key from three addresses",
      [
        ["a", "npub"],
        ["b", "npub"],
        ["c", "npub"],
      ],
      1,
    ],
    [
      "two who turn out to be one",
      [
        ["a", "npub1"],
        ["b", "npub2"],
        ["a", "npub2"],
      ],
      1,
    ],
    ["two, who come twice", [["a"], ["b"], ["b"], ["a"]], 2],
  ])("%s", (_, reporters, people) => {
    expect(countPeople(reporters)).toBe(people);
  });
});

describe("reports", () => {
  const report = (matchId: string, by: string, whom = ["ana", "npubAna"]) => ({
    matchId,
    whom,
    by: [by],
    reason: "shouting",
  });

  test("count against every name of the accused, from a moment on", () => {
    const reports = new Reports(sql);
    reports.add(report("1", "ben"), NOON);
    reports.add(report("2", "cem"), NOON + 1);
    reports.add(report("3", "dan", ["npubAna"]), NOON + 2);
    expect(reports.reporters("ana", NOON)).toEqual([["cem"]]);
    expect(reports.reporters("npubAna", NOON - 1)).toEqual([["ben"], ["cem"], ["dan"]]);
    expect(reports.reporters("somebody else", 0)).toEqual([]);
  });

  test("the same person about the same match once", () => {
    const reports = new Reports(sql);
    reports.add(report("1", "ben"), NOON);
    reports.add(report("1", "ben"), NOON + 1);
    expect(reports.list(NEVER, 10)).toHaveLength(1);
  });

  test("are listed in pages, the latest first", () => {
    const reports = new Reports(sql);
    for (const matchId of ["1", "2", "3"]) reports.add(report(matchId, "ben"), NOON);
    const [latest, middle] = reports.list(Number.MAX_SAFE_INTEGER, 2);
    expect(latest).toEqual({ ...report("3", "ben"), id: 3, at: NOON });
    expect(reports.list(middle?.id ?? 0, 2)).toEqual([{ ...report("1", "ben"), id: 1, at: NOON }]);
  });

  test("a pardon leaves the report, and nothing that counts", () => {
    const reports = new Reports(sql);
    reports.add(report("1", "ben"), NOON);
    reports.pardon("ana");
    expect(reports.reporters("ana", 0)).toEqual([]);
    expect(reports.reporters("npubAna", 0)).toEqual([["ben"]]);
    expect(reports.list(Number.MAX_SAFE_INTEGER, 10)).toHaveLength(1);
  });

  test("are removed when they are 30 days old, and not before", () => {
    const reports = new Reports(sql);
    expect(reports.due).toBe(NEVER);
    reports.add(report("1", "ben"), NOON);
    reports.add(report("2", "ben"), NOON + DAY);
    expect(reports.due).toBe(NOON + 30 * DAY);
    reports.prune(NOON + 30 * DAY - 1);
    expect(reports.list(Number.MAX_SAFE_INTEGER, 10)).toHaveLength(2);
    reports.prune(NOON + 30 * DAY);
    expect(reports.list(Number.MAX_SAFE_INTEGER, 10).map(({ matchId }) => matchId)).toEqual(["2"]);
    expect(reports.reporters("ana", 0)).toHaveLength(1);
    expect(reports.due).toBe(NOON + 31 * DAY);
  });
});

describe("bans", () => {
  const ban = (name: string, until: number, reason = "shouting"): Ban => ({
    name,
    since: NOON,
    until,
    reason,
    by: "operator",
  });

  test("are listed, replaced and lifted", () => {
    const bans = new Bans(sql);
    bans.set(ban("ana", NOON + 1));
    bans.set(ban("ben", NEVER));
    bans.set(ban("ana", NOON + 2, "more shouting"));
    expect(bans.list()).toEqual([ban("ana", NOON + 2, "more shouting"), ban("ben", NEVER)]);
    expect([bans.lift("ben"), bans.lift("ben"), bans.lift("cem")]).toEqual([true, false, false]);
    expect(bans.list()).toEqual([ban("ana", NOON + 2, "more shouting")]);
    expect(bans.get("ben")).toBeUndefined();
  });

  test("a directory hears every change once, whatever it knew, also when bans have ended meanwhile", () => {
    const bans = new Bans(sql);
    expect(bans.changes(0)).toEqual({ version: 0, bans: [] });
    bans.set(ban("ana", NEVER));
    bans.set(ban("ben", NOON + DAY));
    const first = bans.changes(0);
    expect(first.bans).toEqual([
      { name: "ana", until: NEVER },
      { name: "ben", until: NOON + DAY },
    ]);
    expect(bans.changes(first.version)).toEqual({ version: first.version, bans: [] });
    bans.prune(NOON + DAY);
    bans.set(ban("cem", NEVER));
    const second = bans.changes(first.version);
    expect(second.bans).toEqual([{ name: "cem", until: NEVER }]);
    bans.lift("ana");
    expect(bans.changes(second.version).bans).toEqual([{ name: "ana", until: 0 }]);
    bans.set(ban("ana", NEVER));
    expect(bans.changes(second.version).bans).toEqual([{ name: "ana", until: NEVER }]);
  });

  test("end when they are due; what is for good does not", () => {
    const bans = new Bans(sql);
    expect(bans.due).toBe(NEVER);
    bans.set(ban("ana", NEVER));
    expect(bans.due).toBe(NEVER);
    bans.set(ban("ben", NOON));
    expect(bans.due).toBe(NOON);
    bans.prune(NOON - 1);
    expect(bans.list()).toHaveLength(2);
    bans.prune(NOON);
    expect(bans.list()).toEqual([ban("ana", NEVER)]);
  });
});
