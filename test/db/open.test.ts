import { once } from "node:events";
import net from "node:net";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { Prisma } from "../../worker/db/generated/client.ts";
import { type Database, openDatabase } from "../../worker/db/open.ts";
import { createDatabase, silent, type TestDatabase } from "../support/database.ts";

let own: TestDatabase;
let database: Database;

beforeAll(async () => {
  own = await createDatabase();
  database = await openDatabase(own, silent);
});

afterAll(async () => {
  await database.close();
  await own.drop();
});

test("keeps keys and tokens, in transactions too", async () => {
  expect(database.driver).toBe(inject("driver"));
  const expiry = 2n ** 60n;
  const jsonData = { methods: ["sign_event"], kinds: [1] };
  await database.prisma.$transaction(async (tables) => {
    await tables.keys.create({ data: { npub: "npub1kept" } });
    await tables.connectTokens.create({
      data: { token: "t", npub: "npub1kept", timestamp: 1n, expiry, jsonData },
    });
  });
  expect(await database.prisma.keys.findMany({ include: { tokens: true } })).toEqual([
    {
      npub: "npub1kept",
      ncryptsec: null,
      localKey: null,
      tokens: [expect.objectContaining({ token: "t", expiry, jsonData, subNpub: null })],
    },
  ]);
});

test("reports what the database refuses as the same error with every driver", async () => {
  const data = { npub: "npub1twice" };
  await database.prisma.keys.create({ data });
  await expect(database.prisma.keys.create({ data })).rejects.toMatchObject({ code: "P2002" });
});

test("what moves many rows has them as the database has them", async () => {
  const values = Prisma.sql`${["a", "b"]}::text[] AS list, ${null}::text AS nothing, ${9}::int + 1 AS sum`;
  const rows = await database.bulk(
    Prisma.sql`SELECT ${values}, ${"'; --"} AS text FROM generate_series(1, ${2})`,
  );
  expect(rows).toEqual(Array(2).fill({ list: ["a", "b"], nothing: null, sum: 10, text: "'; --" }));
  const refused = await database.bulk(Prisma.sql`SELECT 1 / 0`).catch((error: unknown) => error);
  expect(refused).toEqual(new Error("division by zero"));
});

test("pools whose connections are cut connect again", async () => {
  const count = () =>
    Promise.all([database.prisma.keys.count(), database.bulk(Prisma.sql`SELECT FROM "Keys"`)]);
  await count();
  const session = await database.connect();
  await session.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
  );
  await session.close();
  // The first query may still find the connection that was cut.
  await count().catch(() => {});
  const [counted, rows] = await count();
  expect(rows).toHaveLength(counted);
});

test("to close does not wait for long for what moves many rows", { timeout: 10_000 }, async () => {
  const closing = await openDatabase(own, silent);
  const moving = closing.bulk(Prisma.sql`SELECT pg_sleep(60)`).catch((error: unknown) => error);
  const session = await database.connect();
  const sleeping = `SELECT pid FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()`;
  await expect.poll(() => session.query(sleeping)).toHaveLength(1);
  const begun = performance.now();
  await closing.close();
  expect(performance.now() - begun).toBeLessThan(4_000);
  await session.query(`SELECT pg_terminate_backend(pid) FROM (${sleeping}) AS found`);
  await session.close();
  expect(await moving).toBeInstanceOf(Error);
});

test("a session that does not answer in time is ended, with an error", async () => {
  const session = await database.connect();
  await expect(session.query("SELECT pg_sleep(60)", undefined, 50)).rejects.toThrow("timed out");
  expect((await session.ended).message).toContain("does not answer");
  await session.close();
});

test("a session that the server ends says so", async () => {
  const session = await database.connect();
  const refused = session.query("SELECT pg_terminate_backend(pg_backend_pid())");
  await expect(refused).rejects.toThrow(Error);
  expect(await session.ended).toBeInstanceOf(Error);
  await session.close();
});

const refusal = (url: string) =>
  openDatabase({ url, driver: inject("driver") }, silent).then(
    () => undefined,
    (error: unknown) => error,
  );

function expectError(error: unknown, about: string): void {
  expect(error).toBeInstanceOf(Error);
  if (!(error instanceof Error)) return;
  expect(error.message).toContain(about);
  const cause = error.cause instanceof Error ? error.cause : undefined;
  const everything = [error.stack, cause?.stack, JSON.stringify(error), JSON.stringify(cause)].join();
  expect(everything).not.toContain("sesame");
}

test("an unreachable server is an Error that names it, without the password", async () => {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = address && typeof address === "object" ? address.port : 0;
  server.close();
  await once(server, "close");
  expectError(
    await refusal(`postgresql://user:sesame@127.0.0.1:${port}/db`),
    `127.0.0.1:${port}: connect ECONNREFUSED`,
  );
});

test("so is a host that does not exist", async () => {
  expectError(await refusal("postgresql://user:sesame@nowhere.invalid/db"), "nowhere.invalid");
});

test("so is a wrong password", async () => {
  const url = new URL(own.url);
  url.password = "sesame";
  expectError(await refusal(url.href), "password authentication failed");
});

test("so is a server that accepts and then says nothing", async () => {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = address && typeof address === "object" ? address.port : 0;
  const sockets = new Set<net.Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  expectError(await refusal(`postgresql://user:sesame@127.0.0.1:${port}/db`), `127.0.0.1:${port}`);
  for (const socket of sockets) socket.destroy();
  server.close();
});
