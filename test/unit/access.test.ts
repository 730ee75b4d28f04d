import fc from "fast-check";
import { expect, test } from "vitest";
import { AccessReader } from "../../worker/access.ts";
import type { AccessTable } from "../../worker/access-table.ts";
import type { Access, Grant } from "../../worker/grant.ts";

const CACHE_MS = 60_000;

const grant = (expiry: number, more: Partial<Grant> = {}): Grant => ({
  token: "token",
  client: "client",
  expiry,
  revoked: false,
  notBefore: 0,
  perms: null,
  asked: null,
  uses: null,
  usesPerMinute: null,
  relays: [],
  ...more,
});

/** Stands in for the tables: what a read finds is fixed when it begins, and arrives when it is told to. */
class FakeStore {
  grants = new Map<string, Grant[]>();
  stopped: Access["stopped"] = null;
  asked: string[][] = [];
  #arriving: (() => void)[] = [];
  down = false;

  access(npubs: string[]): Promise<AccessTable> {
    this.asked.push(npubs);
    const found = new Map(this.grants);
    const { stopped, down } = this;
    const table = { of: (npub: string) => ({ grants: found.get(npub) ?? [], stopped }) };
    return new Promise((resolve, reject) => {
      this.#arriving.push(() => (down ? reject(new Error("no answer")) : resolve(table)));
    });
  }

  get underWay(): number {
    return this.#arriving.length;
  }

  /** Lets the read that began first arrive, and all that follows from it happen. */
  async arrive(): Promise<void> {
    this.#arriving.shift()?.();
    await settle();
  }
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

const setUp = () => {
  const store = new FakeStore();
  const clock = { now: 1_000_000 };
  const circuit = { ask: <T>(question: () => Promise<T>) => question() };
  const reader = new AccessReader({ store, circuit, cacheMs: CACHE_MS, pauseMs: 0, now: () => clock.now });
  /** Asks, and lets every read under way arrive. */
  const ask = async (npub = "a", client = "client"): Promise<Access | "refused"> => {
    const answer = reader.read(npub, client).catch(() => "refused" as const);
    await settle();
    while (store.underWay > 0) await store.arrive();
    return answer;
  };
  return { store, clock, reader, ask };
};

test("a token that was deleted serves no request that comes afterwards, even while an older read is under way", async () => {
  const { store, reader } = setUp();
  store.grants.set("a", [grant(1)]);
  const before = reader.read("a", "client");
  await settle();
  store.grants.delete("a");
  const after = reader.read("a", "client");
  await store.arrive();
  await store.arrive();
  expect((await before).grants).toEqual([grant(1)]);
  expect((await after).grants).toEqual([]);
});

test("every answer was read after it was asked for, however questions, changes and arrivals follow each other", async () => {
  const step = fc.record({
    do: fc.constantFrom(
      "ask" as const,
      "ask" as const,
      "change" as const,
      "arrive" as const,
      "settle" as const,
    ),
    npub: fc.constantFrom("a", "b", "c"),
  });
  let reads = 0;
  let questions = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (story) => {
      const { store, reader } = setUp();
      const answers: Promise<void>[] = [];
      let version = 0;
      for (const { do: what, npub } of story) {
        if (what === "change") store.grants.set(npub, [grant(++version)]);
        else if (what === "arrive") await store.arrive();
        else if (what === "settle") await settle();
        else {
          questions += 1;
          const asked = store.grants.get(npub)?.[0]?.expiry ?? 0;
          answers.push(
            reader.read(npub, "client").then(({ grants }) => {
              expect(grants[0]?.expiry ?? 0).toBeGreaterThanOrEqual(asked);
            }),
          );
        }
        expect(store.underWay).toBeLessThanOrEqual(1);
      }
      await settle();
      while (store.underWay > 0) await store.arrive();
      await Promise.all(answers);
      reads += store.asked.length;
      for (const npubs of store.asked) expect(new Set(npubs).size).toBe(npubs.length);
    }),
  );
  expect(reads).toBeLessThan(questions);
});

test("questions that come while a read is under way share the next one", async () => {
  const { store, reader } = setUp();
  const first = reader.read("a", "client");
  await settle();
  const rest = Promise.all(["a", "b", "b", "c"].map((npub) => reader.read(npub, "client")));
  await store.arrive();
  await store.arrive();
  await Promise.all([first, rest]);
  expect(store.asked).toEqual([["a"], ["a", "b", "c"]]);
});

test("a read that fails refuses those who shared it, and nobody after them", async () => {
  const { store, reader } = setUp();
  store.grants.set("a", [grant(1)]);
  store.down = true;
  const refused = Promise.allSettled([reader.read("a", "client"), reader.read("b", "client")]);
  await settle();
  store.down = false;
  const answered = reader.read("a", "client");
  await store.arrive();
  expect((await refused).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await store.arrive();
  expect((await answered).grants).toEqual([grant(1)]);
});

test("while the database is away a connected client has what was read for it last, for a time", async () => {
  const { store, clock, ask } = setUp();
  store.grants.set("a", [grant(1)]);
  const read = await ask();
  store.down = true;
  clock.now += CACHE_MS - 1;
  expect(await ask()).toEqual(read);
  clock.now += 1;
  expect(await ask()).toBe("refused");
  store.down = false;
  expect(await ask()).toEqual(read);
});

test("the time counts from when the last read began, and reading from memory does not renew it", async () => {
  const { store, clock, reader, ask } = setUp();
  store.grants.set("a", [grant(1)]);
  const slow = reader.read("a", "client");
  await settle();
  clock.now += CACHE_MS;
  await store.arrive();
  await slow;
  store.down = true;
  expect(await ask()).toBe("refused");
});

test("while the database is away strangers are refused, and who is connected to another key", async () => {
  const { store, ask } = setUp();
  store.grants.set("a", [grant(1)]);
  store.grants.set("b", [grant(1, { client: null })]);
  for (const npub of ["a", "b"]) for (const client of ["client", "stranger"]) await ask(npub, client);
  store.down = true;
  expect(await ask("a", "client")).not.toBe("refused");
  expect(await ask("a", "stranger")).toBe("refused");
  expect(await ask("b", "client")).toBe("refused");
});

test("grants that limit the number of uses are not remembered", async () => {
  const { store, ask } = setUp();
  const limited = grant(1, { uses: { limit: 5, spent: 0 } });
  store.grants.set("a", [limited]);
  store.grants.set("b", [limited, grant(2)]);
  for (const npub of ["a", "b"]) await ask(npub);
  store.down = true;
  expect(await ask("a")).toBe("refused");
  expect(await ask("b")).toEqual({ grants: [grant(2)], stopped: null });
});

test("what was revoked or changed before the database went away is not served from memory", async () => {
  const { store, reader, ask } = setUp();
  for (const npub of ["a", "b", "c", "d"]) {
    store.grants.set(npub, [grant(1)]);
    await ask(npub);
  }
  reader.forget("a");
  const reading = reader.read("b", "client");
  await settle();
  reader.forget("b");
  await store.arrive();
  await reading;
  store.grants.set("c", []);
  await ask("c");
  store.down = true;
  for (const npub of ["a", "b", "c"]) expect(await ask(npub)).toBe("refused");
  expect(await ask("d")).not.toBe("refused");
  reader.forget("*");
  expect(await ask("d")).toBe("refused");
});

test.each([
  ["everything", "a", "another"],
  ["the key", "b", "another"],
  ["the client", "a", "client"],
] as const)(
  "once %s is seen to be stopped, memory serves nobody whom that concerns",
  async (what, npub, client) => {
    const { store, ask } = setUp();
    for (const key of ["a", "b"]) store.grants.set(key, [grant(1), grant(1, { client: "another" })]);
    for (const key of ["a", "b"]) for (const each of ["client", "another"]) await ask(key, each);
    store.stopped = what;
    await ask("b", "client");
    store.down = true;
    expect(await ask(npub, client)).toBe("refused");
  },
);
