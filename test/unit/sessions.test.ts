import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { Sessions, TOKEN_LIFE } from "../../edge/lobby/sessions.ts";

const NOW = 1_800_000_000_000;

test("what is too old is forgotten without a look at all the rest", () => {
  const database = new DatabaseSync(":memory:");
  const plans: string[] = [];
  const sessions = new Sessions({
    exec: (query, ...bindings) => {
      if (query.startsWith("DELETE")) {
        const plan = database.prepare(`EXPLAIN QUERY PLAN ${query}`).all(...bindings);
        plans.push(...plan.map(({ detail }) => String(detail)));
      }
      // Statements that define what there is come several at a time.
      const rows = query.includes(";") ? database.exec(query) : database.prepare(query).all(...bindings);
      return Object.assign(rows ?? [], { rowsRead: 0 });
    },
  });
  sessions.spend("old", NOW - TOKEN_LIFE);
  sessions.spend("young", NOW - TOKEN_LIFE + 1);
  sessions.sweep(NOW);
  expect([sessions.isSpent("old"), sessions.isSpent("young")]).toEqual([false, true]);
  expect(plans).toEqual([expect.stringContaining("USING INDEX spent")]);
});
