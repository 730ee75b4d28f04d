/** A table that is read in pages, by a store on a real database. */
import { afterEach, expect, test } from "vitest";
import { migrate } from "../../worker/db/migrate.ts";
import { openDatabase } from "../../worker/db/open.ts";
import type { Shards } from "../../worker/key-states.ts";
import { BECH32, prefixesOf, SHARDS, shardOfNpub } from "../../worker/leases/shards.ts";
import { Store } from "../../worker/store.ts";
import { createDatabase, silent } from "../support/database.ts";

/** More than a page, and of each half of the key space more than two. */
const COUNT = 7_000;
const npubs = (count: number, letters = BECH32) =>
  Array.from({ length: count }, (_, index) => {
    const letter = letters[index % letters.length];
    // Some begin as what is one letter elsewhere, or a number.
    return `npub1${letter}${index % 3 === 0 ? "aa" : index}${BECH32.repeat(2).slice(0, 50)}${index}`;
  });
const NO_NPUBS = ["!", "NPUB1J", "npub1", "npub1j", "npub2", "zebra", "über", "日本"];

let close: () => Promise<void> = async () => {};
afterEach(() => close());

/** A store of a database with these keys, each with a live token. */
const storeOf = async (names: string[], locale?: string) => {
  const created = await (locale ? createDatabase("template0", locale) : createDatabase());
  const database = await openDatabase(created, silent);
  close = async () => {
    await database.close();
    await created.drop();
  };
  const session = await database.connect();
  if (locale) await migrate(session, new URL("../../prisma/migrations/", import.meta.url));
  await session.query('INSERT INTO "Keys" (npub) SELECT * FROM unnest($1::text[])', [names]);
  await session.query(
    `INSERT INTO "ConnectTokens" (token, npub, timestamp, expiry) SELECT npub, npub, 0, $1 FROM "Keys"`,
    [Date.now() + 3_600_000],
  );
  await session.close();
  return { store: new Store(database, () => Date.now()), database };
};

const readAll = async (store: Store, shards?: Shards) => {
  const read: string[] = [];
  const lasts: boolean[] = [];
  let keys = 0;
  for await (const page of store.pages(shards)) {
    keys += page.keys;
    lasts.push(page.isLast);
    read.push(...page.states.map(({ npub }) => npub));
    if (read.length > 2 * COUNT) throw new Error("it does not end");
  }
  expect(lasts).toEqual([...lasts.slice(1).fill(false), true]);
  expect(keys).toBe(read.length);
  return read.sort();
};

test.each(["bytes", "en-US", "da", "en-u-kn-true"])(
  "every row is read once, whatever its name, in the order of %s",
  async (locale) => {
    const names = [...npubs(COUNT), ...NO_NPUBS];
    const { store } = await storeOf(names, locale === "bytes" ? undefined : locale);
    expect(await readAll(store)).toEqual(names.sort());
  },
);

test("of some shards, of both halves, every row is read once, and none of any other", async () => {
  const names = npubs(COUNT);
  const { store } = await storeOf(names);
  const shards = Array.from({ length: SHARDS / 2 }, (_, index) => index * 2);
  const expected = names.filter((npub) => shards.includes(shardOfNpub(npub))).sort();
  expect(await readAll(store, prefixesOf(shards))).toEqual(expected);
});

test.each([
  ["nothing", []],
  ["one page", npubs(250)],
  ["one page, in the lower half", npubs(250, "ac")],
  ["one page, in the upper half", npubs(250, "xyz")],
  ["two pages, in the lower half", npubs(1_250, "ac")],
  ["two pages, in the upper half", npubs(1_250, "xyz")],
])("a table that is exactly %s", async (_, names) => {
  const { store } = await storeOf(names);
  expect(await readAll(store)).toEqual(names.sort());
});

test("whoever leaves is not followed, and whoever stays is told that the rest cannot be read", async () => {
  const { store, database } = await storeOf(npubs(COUNT));
  for await (const { keys } of store.pages()) {
    expect(keys).toBe(250);
    break;
  }
  const pages = store.pages();
  await pages.next();
  await database.prisma.$executeRaw`DROP TABLE "ConnectTokens"`;
  const rest = async () => {
    for await (const { isLast } of pages) expect(isLast).toBe(false);
  };
  await expect(rest()).rejects.toThrow();
});
