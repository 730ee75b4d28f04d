import fc from "fast-check";
import { expect, test } from "vitest";
import { GrantReader } from "../../worker/grants.ts";
import type { Grant } from "../../worker/policy.ts";
import type { KeyGrants } from "../../worker/store.ts";

const grant = (expiry: number): Grant => ({ client: null, expiry, perms: null, notBefore: 0 });

/** Stands in for the table of tokens: what a read finds is fixed when it begins, and arrives when it is told to. */
class FakeStore {
  rows = new Map<string, number>();
  asked: string[][] = [];
  #arriving: (() => void)[] = [];
  down = false;

  some(npubs: string[]): Promise<KeyGrants[]> {
    this.asked.push(npubs);
    const found = npubs.flatMap((npub) => {
      const version = this.rows.get(npub);
      return version === undefined ? [] : [{ npub, grants: [grant(version)], invalid: 0 }];
    });
    const down = this.down;
    return new Promise((resolve, reject) => {
      this.#arriving.push(() => (down ? reject(new Error("no answer")) : resolve(found)));
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
  return { store, reader: new GrantReader(store, () => 0) };
};

test("a token that was deleted serves no request that comes afterwards, even while an older read is under way", async () => {
  const { store, reader } = setUp();
  store.rows.set("npub", 1);
  const before = reader.read("npub");
  await settle();
  store.rows.delete("npub");
  const after = reader.read("npub");
  await store.arrive();
  await store.arrive();
  expect(await before).toEqual([grant(1)]);
  expect(await after).toEqual([]);
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
        if (what === "change") store.rows.set(npub, ++version);
        else if (what === "arrive") await store.arrive();
        else if (what === "settle") await settle();
        else {
          questions += 1;
          const asked = store.rows.get(npub) ?? 0;
          answers.push(
            reader.read(npub).then((grants) => {
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
  const first = reader.read("a");
  await settle();
  const rest = Promise.all(["a", "b", "b", "c"].map((npub) => reader.read(npub)));
  await store.arrive();
  await store.arrive();
  await Promise.all([first, rest]);
  expect(store.asked).toEqual([["a"], ["a", "b", "c"]]);
});

test("a read that fails refuses those who shared it, and nobody after them", async () => {
  const { store, reader } = setUp();
  store.rows.set("a", 1);
  store.down = true;
  const refused = Promise.allSettled([reader.read("a"), reader.read("b")]);
  await settle();
  store.down = false;
  const answered = reader.read("a");
  await store.arrive();
  expect((await refused).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await store.arrive();
  expect(await answered).toEqual([grant(1)]);
});
