import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CloseCode } from "../../protocol/close-codes.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { join, knock, withdrawAll } from "./client.ts";
import { ADMIN_TOKEN, ask, lobbiesOf } from "./operator.ts";

const NPUB = "npub180cvv07tjdrrgpa0j7j7tmnyl2yr6yr7l8j4s3evf6u64th6gkwsyjh6w6";
const DOORS = ["admin/reports", "admin/bans", "admin/lobbies", "admin/drain", "admin/nothing", "metrics"];

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({
    vars: { ADMIN_TOKEN, MAX_CONNECTIONS_PER_ADDRESS: "100", RATE_LIMIT_MAX_REQUESTS: "10000" },
  });
});
afterEach(withdrawAll);
afterAll(() => edge.close());

const post = (path: string, body: unknown) => ask(edge, path, { method: "POST", body });
const remove = (name: string) => ask(edge, `admin/bans/${name}`, { method: "DELETE" });

type ListedBan = { name: string; until: string | null; reason: string; by: string };
const bans = async (): Promise<ListedBan[]> =>
  ((await (await ask(edge, "admin/bans")).json()) as { bans: ListedBan[] }).bans;

describe("who is not the operator", () => {
  test.each([
    ["nothing", ""],
    ["the token alone", ADMIN_TOKEN],
    ["no token", "Bearer "],
    ["a token that is too short", `Bearer ${ADMIN_TOKEN.slice(0, -1)}`],
    ["a token that is too long", `Bearer ${ADMIN_TOKEN}x`],
    ["a very long token", `Bearer ${"x".repeat(4_000)}`],
    ["another scheme", `Basic ${ADMIN_TOKEN}`],
  ])("%s: 401, the same everywhere", async (_, authorization) => {
    for (const path of DOORS) {
      const answer = await ask(edge, path, { headers: { authorization } });
      expect(answer.status).toBe(401);
      expect(answer.headers.get("www-authenticate")).toBe("Bearer");
      expect(await answer.json()).toEqual({ error: "unauthorized" });
    }
  });

  test("without the variable there is no such door, whatever is shown", async () => {
    const plain = await startEdge();
    for (const path of DOORS) expect((await ask(plain, path)).status).toBe(404);
    await plain.close();
  });
});

describe("answers", () => {
  test.each([
    ["GET", "admin/nothing", 404],
    ["GET", "admin/__proto__", 404],
    ["PUT", "admin/bans", 405],
    ["POST", "admin/reports", 405],
    ["PATCH", "admin/drain", 405],
    ["POST", "metrics", 405],
    ["GET", "admin/reports?before=x", 400],
    ["DELETE", "admin/bans/nobody", 404],
    ["DELETE", "admin/bans", 404],
  ])("%s /%s: %i, in JSON that tells nothing of the inside", async (method, path, status) => {
    const answer = await ask(edge, path, { method });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(await answer.json()).toEqual({ error: expect.not.stringMatching(/Error|\.ts|\bat\b/) });
  });

  test.each([
    ["no body", undefined],
    ["null", null],
    ["a list", [1]],
    ["nobody", {}],
    ["a name that is none", { name: "somebody" }],
    ["a typing error in the npub", { name: NPUB.replace(/.$/, "q") }],
    ["a pseudonym that is too short", { name: "f".repeat(63) }],
    ["an address that is none", { address: "192.0.2.300" }],
    ["a name and an address", { name: NPUB, address: "192.0.2.1" }],
    ["no time", { name: NPUB, seconds: 0 }],
    ["a time without end", { name: NPUB, seconds: 1e300 }],
    ["a reason that is too long", { name: NPUB, reason: "x".repeat(501) }],
    ["a field that is not known", { name: NPUB, more: 1 }],
  ])("a ban that is none, for it has %s: 400", async (_, body) => {
    expect((await post("admin/bans", body)).status).toBe(400);
    expect(await bans()).toEqual([]);
  });

  test.each([
    [{}, 400],
    [{ region: "XX", on: true }, 400],
    [{ region: "EU" }, 400],
    [{ region: "EU", lobby: "EU/1", on: true }, 400],
    [{ lobby: "EU/1", on: true }, 404],
    [{ lobby: "nonsense", on: true }, 404],
  ])("a drain that is none (%j): %i", async (body, status) => {
    expect((await post("admin/drain", body)).status).toBe(status);
  });
});

test("bans are added, listed and lifted", async () => {
  const forever = await post("admin/bans", { name: NPUB });
  expect(forever.status).toBe(201);
  expect(await forever.json()).toEqual({
    ban: { name: NPUB, since: expect.any(String), until: null, reason: "", by: "operator" },
  });
  const soon = Date.now() + 60_000;
  await post("admin/bans", { name: "f".repeat(64), seconds: 60, reason: "shouting" });
  const [hour] = (await bans()).filter(({ name }) => name !== NPUB);
  expect(hour).toMatchObject({ name: "f".repeat(64), reason: "shouting", by: "operator" });
  expect(Date.parse(hour?.until ?? "") - soon).toBeLessThan(10_000);
  for (const name of [NPUB, "f".repeat(64)]) expect((await remove(name)).status).toBe(204);
  expect(await bans()).toEqual([]);
  expect((await remove(NPUB)).status).toBe(404);
});

test("who is banned by address is closed at once, everywhere, and stays outside until it is lifted", async () => {
  const address = "2001:db8:1:2::7";
  const at = (continent: string, ip = address) => ({
    headers: { "cf-connecting-ip": ip, "mf-cf-blob": JSON.stringify({ continent }) },
  });
  const inside = [await join(edge, at("EU")), await join(edge, at("AS", "2001:db8:1:2:3::1"))];
  const other = await join(edge, at("EU", "2001:db8:1:3::7"));
  const { ban } = (await (await post("admin/bans", { address, reason: "shouting" })).json()) as {
    ban: ListedBan;
  };
  expect(ban.name).toMatch(/^[0-9a-f]{64}$/);
  for (const person of inside) expect((await person.closed).code).toBe(CloseCode.banned);

  const refused = async (continent: string) => {
    const client = knock(edge, at(continent));
    expect(await client.next()).toMatchObject({ type: "error", code: "banned" });
    expect(await client.closed).toEqual({ code: CloseCode.banned, reason: "banned" });
  };
  for (const continent of ["EU", "AS", "OC"]) await refused(continent);
  for (const region of ["EU", "AS"]) await edge.evict("Directory", region);
  await edge.evict("Moderation", "world");
  for (const continent of ["EU", "AS", "SA"]) await refused(continent);

  expect((await remove(ban.name)).status).toBe(204);
  await join(edge, at("EU"));
  await join(edge, at("SA"));
  await other.expectNothingMore();
});

test("a ban that is over lets in again, and is removed by an alarm", async () => {
  const address = "192.0.2.77";
  const headers = { "cf-connecting-ip": address };
  await join(edge, { headers });
  await post("admin/bans", { address, seconds: 1 });
  expect((await knock(edge, { headers }).closed).code).toBe(CloseCode.banned);
  await expect.poll(bans).toEqual([]);
  await join(edge, { headers });
});

test("lobbies are shown with who is there", async () => {
  const headers = { "mf-cf-blob": JSON.stringify({ continent: "AF" }) };
  const [one, two] = [await join(edge, { headers }), await join(edge, { headers })];
  for (const person of [one, two]) {
    person.say({ type: "search" });
    await person.expect("waiting");
    if (person === two) await person.expect("matched");
  }
  const third = await join(edge, { headers });
  third.say({ type: "search" });
  await third.expect("waiting");
  await expect
    .poll(() => lobbiesOf(edge, "AF"))
    .toEqual([
      {
        lobby: "AF/1",
        state: "open",
        sockets: 3,
        absent: 0,
        waiting: { video: 1, text: 0 },
        matches: 1,
        searchesPerSecond: expect.any(Number),
      },
    ]);
});
