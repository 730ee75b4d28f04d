/** A table that is read in pages, by a store on a real database. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, openDatabase } from "../../worker/db/open.ts";
import { prefixesOf } from "../../worker/leases/shards.ts";
import { Store } from "../../worker/store.ts";
import { createDatabase, silent, type TestDatabase } from "../support/database.ts";

/** More than one page of each half of the key space; and rows whose names are no npubs. */
const COUNT = 7_000;
const NAMES = ["!", "NPUB1J", "npub1", "npub1j", "npub2", "zebra", "über", "日本"];

let created: TestDatabase;
let database: Database;
beforeAll(async () => {
  created = await createDatabase();
  database = await openDatabase(created, silent);
  const session = await database.connect();
  await session.query(
    `INSERT INTO "Keys" (npub)
     SELECT 'npub1' || substr('qpzry9x8gf2tvdw0s3jn54khce6mua7l', n % 32 + 1, 1) || md5(n::text)
     FROM generate_series(1, $1) AS n UNION SELECT * FROM unnest($2::text[])`,
    [COUNT, NAMES],
  );
  await session.query(
    `INSERT INTO "ConnectTokens" (token, npub, timestamp, expiry) SELECT npub, npub, 0, $1 FROM "Keys"`,
    [Date.now() + 3_600_000],
  );
  await session.close();
});
afterAll(async () => {
  await database.close();
  await created.drop();
});

const readAll = async (shards?: number[]) => {
  const read: string[] = [];
  const lasts: boolean[] = [];
  let keys = 0;
  const store = new Store(database, () => Date.now());
  for await (const page of store.pages(shards && prefixesOf(shards))) {
    keys += page.keys;
    lasts.push(page.isLast);
    read.push(...page.states.map(({ npub }) => npub));
  }
  expect(lasts).toEqual([...lasts.slice(1).fill(false), true]);
  expect(keys).toBe(read.length);
  return read;
};

test("every row is read once, whatever its name, and the last page is said to be the last", async () => {
  const read = await readAll();
  expect(read).toHaveLength(COUNT + NAMES.length);
  expect(new Set(read)).toContain("über");
  expect(new Set(read).size).toBe(read.length);
});

test("of some shards every row is read once, and none of any other", async () => {
  const read = await readAll([0, 31]);
  expect(new Set(read).size).toBe(read.length);
  expect(read.filter((npub) => !/^npub1[ql]/.test(npub))).toEqual([]);
  expect(read.length).toBeGreaterThan((COUNT / 32) * 2 - 2);
});

test("an empty part of the table is one page, the last", async () => {
  await database.prisma.$executeRaw`DELETE FROM "Keys" WHERE npub LIKE 'npub1q%'`;
  expect(await readAll([0])).toEqual([]);
});
