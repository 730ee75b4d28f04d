import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { ModerationCalls, Report } from "../../edge/rpc.ts";
import { CloseCode } from "../../protocol/close-codes.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { join, knock, withdrawAll } from "./client.ts";
import { ADMIN_TOKEN, ask } from "./operator.ts";

const DAY = 86_400_000;

let edge: Edge;
let moderation: ModerationCalls;
beforeAll(async () => {
  edge = await startEdge({
    vars: { ADMIN_TOKEN, MAX_CONNECTIONS_PER_ADDRESS: "100", RATE_LIMIT_MAX_REQUESTS: "10000" },
  });
  moderation = await edge.moderation();
});
afterEach(withdrawAll);
afterAll(() => edge.close());

type ListedBan = { name: string; since: string; until: string; reason: string; by: string };
const bans = async (): Promise<ListedBan[]> =>
  ((await (await ask(edge, "admin/bans")).json()) as { bans: ListedBan[] }).bans;

const lift = async (name: string) => {
  const answer = await ask(edge, `admin/bans/${name}`, { method: "DELETE" });
  expect(answer.status).toBe(204);
};

/** The pseudonym of an address: what a ban of it is listed as. */
async function nameOf(address: string): Promise<string> {
  const answer = await ask(edge, "admin/bans", { method: "POST", body: { address } });
  const { ban } = (await answer.json()) as { ban: ListedBan };
  await lift(ban.name);
  return ban.name;
}

let matches = 0;
const report = (whom: string[], by: string): Promise<void> => {
  matches += 1;
  return moderation.report({ matchId: String(matches), whom, by: [by], reason: "shouting" });
};

test("three different people suspend somebody for a day: closed at once, and refused", async () => {
  const address = "192.0.2.10";
  const headers = { "cf-connecting-ip": address };
  const name = await nameOf(address);
  const person = await join(edge, { headers });
  await report([name, "npub1somebody"], "ana");
  await report([name], "ben");
  await report([name], "ben");
  await person.expectNothingMore();
  expect(await bans()).toEqual([]);

  await report([name, "npub1somebody"], "cem");
  expect((await person.closed).code).toBe(CloseCode.banned);
  const listed = await bans();
  expect(listed.map((ban) => ban.name).sort()).toEqual([name, "npub1somebody"].sort());
  for (const { since, until, reason, by } of listed) {
    expect(Date.parse(until) - Date.parse(since)).toBe(DAY);
    expect([reason, by]).toEqual(["reported by 3 people within an hour", "reports"]);
  }
  expect((await knock(edge, { headers }).closed).code).toBe(CloseCode.banned);

  // A pardon takes back what was said, too.
  for (const ban of listed) await lift(ban.name);
  await report([name], "dan");
  expect(await bans()).toEqual([]);
  await join(edge, { headers });
});

test("who is reported in three matches, by three people, is out of the fourth", async () => {
  const headers = { "cf-connecting-ip": "192.0.2.20" };
  const accused = await join(edge, { headers });
  for (const by of ["192.0.2.21", "192.0.2.22", "192.0.2.23"]) {
    accused.say({ type: "search" });
    await accused.expect("waiting");
    const reporter = await join(edge, { headers: { "cf-connecting-ip": by } });
    reporter.say({ type: "search" });
    await reporter.expect("waiting");
    const { matchId } = await reporter.expect("matched");
    await accused.expect("matched");
    reporter.say({ type: "report", matchId, reason: "shouting" });
    expect(await reporter.expect("reported")).toEqual({ type: "reported", matchId });
    if (by === "192.0.2.23") break;
    reporter.say({ type: "stop" });
    await reporter.expect("stopped");
    await accused.expect("ended");
  }
  expect(await accused.closed).toMatchObject({ code: CloseCode.banned });
  expect((await knock(edge, { headers }).closed).code).toBe(CloseCode.banned);
  for (const ban of await bans()) await lift(ban.name);
});

test("a suspension does not shorten the operator's ban", async () => {
  const name = "e".repeat(64);
  await ask(edge, "admin/bans", { method: "POST", body: { name, reason: "for good" } });
  for (const by of ["ana", "ben", "cem"]) await report([name], by);
  expect(await bans()).toMatchObject([{ name, until: null, reason: "for good", by: "operator" }]);
  await lift(name);
});

test("reports are listed for the operator in pages, the latest first; one address makes only so many", async () => {
  const page = async (before?: number): Promise<(Report & { id: number; at: string })[]> => {
    const answer = await ask(edge, `admin/reports${before === undefined ? "" : `?before=${before}`}`);
    return ((await answer.json()) as { reports: (Report & { id: number; at: string })[] }).reports;
  };
  const before = (await page()).length;
  for (let i = 0; i < 30; i += 1) await report(["somebody"], "one who reports everybody");
  for (let i = 0; i < 90; i += 1) await report(["somebody"], `reporter ${i}`);
  const latest = await page();
  expect(latest).toHaveLength(100);
  expect(latest[0]).toMatchObject({ matchId: String(matches), whom: ["somebody"], by: ["reporter 89"] });
  expect(Math.abs(Date.now() - Date.parse(latest[0]?.at ?? ""))).toBeLessThan(60_000);
  const rest = await page(latest.at(-1)?.id);
  expect(latest.length + rest.length - before).toBe(20 + 90);
});
