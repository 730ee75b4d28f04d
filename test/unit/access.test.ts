import fc from "fast-check";
import { expect, test } from "vitest";
import { AccessReader } from "../../worker/access.ts";
import type { Access, Grant } from "../../worker/grant.ts";
import type { AccessTable } from "../../worker/store.ts";

const grant = (expiry: number): Grant => ({
  token: "token",
  client: null,
  expiry,
  revoked: false,
  notBefore: 0,
  perms: null,
  asked: null,
  uses: null,
  usesPerMinute: null,
});
const access = (version: number | undefined, stopped: Access["stopped"] = null): Access => ({
  grants: version === undefined ? [] : [grant(version)],
  stopped,
});
const CLIENT = "client";

/** Stands in for the tables: what a read finds is fixed when it begins, and arrives when it is told to. */
class FakeStore {
  tokens = new Map<string, number>();
  stops = new Set<string>();
  asked: { npubs: string[]; clients: string[] }[] = [];
  #arriving: (() => void)[] = [];
  down = false;

  access(npubs: string[], clients: string[]): Promise<AccessTable> {
    this.asked.push({ npubs, clients });
    const tokens = new Map([...this.tokens].filter(([npub]) => npubs.includes(npub)));
    const stops = new Set([...this.stops].filter((client) => clients.includes(client)));
    const table: AccessTable = {
      of: (npub, client) => access(tokens.get(npub), stops.has(client) ? "the client" : null),
    };
    const down = this.down;
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
  return { store, reader: new AccessReader(store) };
};

test("a token that was deleted serves no request that comes afterwards, even while an older read is under way", async () => {
  const { store, reader } = setUp();
  store.tokens.set("npub", 1);
  const before = reader.read("npub", CLIENT);
  await settle();
  store.tokens.delete("npub");
  const after = reader.read("npub", CLIENT);
  await store.arrive();
  await store.arrive();
  expect(await before).toEqual(access(1));
  expect(await after).toEqual(access(undefined));
});

test("a client that is stopped is stopped for what comes afterwards, and nobody else is", async () => {
  const { store, reader } = setUp();
  store.tokens.set("npub", 1);
  const before = reader.read("npub", CLIENT);
  await settle();
  store.stops.add(CLIENT);
  const after = Promise.all([reader.read("npub", CLIENT), reader.read("npub", "another")]);
  await store.arrive();
  await store.arrive();
  expect(await before).toEqual(access(1));
  expect(await after).toEqual([access(1, "the client"), access(1)]);
});

test("every answer was read after it was asked for, however questions, changes and arrivals follow each other", async () => {
  const step = fc.record({
    do: fc.constantFrom(
      "ask" as const,
      "ask" as const,
      "change" as const,
      "stop" as const,
      "arrive" as const,
      "settle" as const,
    ),
    npub: fc.constantFrom("a", "b", "c"),
    client: fc.constantFrom("x", "y"),
  });
  let reads = 0;
  let questions = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (story) => {
      const { store, reader } = setUp();
      const answers: Promise<void>[] = [];
      let version = 0;
      for (const { do: what, npub, client } of story) {
        if (what === "change") store.tokens.set(npub, ++version);
        else if (what === "stop") store.stops.add(client);
        else if (what === "arrive") await store.arrive();
        else if (what === "settle") await settle();
        else {
          questions += 1;
          const least = store.tokens.get(npub) ?? 0;
          const stopped = store.stops.has(client);
          answers.push(
            reader.read(npub, client).then((answer) => {
              expect(answer.grants[0]?.expiry ?? 0).toBeGreaterThanOrEqual(least);
              if (stopped) expect(answer.stopped).toBe("the client");
            }),
          );
        }
        expect(store.underWay).toBeLessThanOrEqual(1);
      }
      await settle();
      while (store.underWay > 0) await store.arrive();
      await Promise.all(answers);
      reads += store.asked.length;
      for (const { npubs, clients } of store.asked) {
        expect(new Set(npubs).size).toBe(npubs.length);
        expect(new Set(clients).size).toBe(clients.length);
      }
    }),
  );
  expect(reads).toBeLessThan(questions);
});

test("questions that come while a read is under way share the next one", async () => {
  const { store, reader } = setUp();
  const first = reader.read("a", "x");
  await settle();
  const rest = Promise.all([
    reader.read("a", "x"),
    reader.read("b", "y"),
    reader.read("b", "x"),
    reader.read("c", "x"),
  ]);
  await store.arrive();
  await store.arrive();
  await Promise.all([first, rest]);
  expect(store.asked).toEqual([
    { npubs: ["a"], clients: ["x"] },
    { npubs: ["a", "b", "c"], clients: ["x", "y"] },
  ]);
});

test("a read that fails refuses those who shared it, and nobody after them", async () => {
  const { store, reader } = setUp();
  store.tokens.set("a", 1);
  store.down = true;
  const refused = Promise.allSettled([reader.read("a", CLIENT), reader.read("b", CLIENT)]);
  await settle();
  store.down = false;
  const answered = reader.read("a", CLIENT);
  await store.arrive();
  expect((await refused).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await store.arrive();
  expect(await answered).toEqual(access(1));
});
