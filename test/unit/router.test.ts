import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_CONTENT_LENGTH } from "../../worker/nip46.ts";
import { createRouter, ended, HERE, later, REPLY, REQUEST, SECONDS, signed } from "../support/router.ts";

const ELSEWHERE = "bb".repeat(32);

test("hands a request to its bunker, and publishes the reply", async () => {
  const { pass, handled, published } = createRouter();
  expect(await pass(REQUEST)).toEqual({ answered: 1 });
  expect(handled).toEqual([REQUEST.id]);
  expect(published).toEqual([REPLY]);
});

const tampered = (more: object) => ({ ...REQUEST, ...more });

test.each<[string, unknown, object]>([
  ["exactly two minutes old", later(-120), { answered: 1 }],
  ["two minutes ahead", later(120), { answered: 1 }],
  ["older", later(-121), { stale: 1 }],
  ["further ahead", later(121), { stale: 1 }],
  ["for another key", signed({ tags: [["p", ELSEWHERE]] }), {}],
  ["for nobody", signed({ tags: [] }), {}],
  ["with its key in another tag", signed({ tags: [["e", HERE], ["p"]] }), {}],
  [
    "for another key and this one",
    signed({
      tags: [
        ["p", ELSEWHERE],
        ["p", HERE],
      ],
    }),
    { answered: 1 },
  ],
  ["of another kind", signed({ kind: 1 }), { garbage: 1 }],
  ["as long as is looked at", signed({ content: "x".repeat(MAX_CONTENT_LENGTH) }), { answered: 1 }],
  ["longer", signed({ content: "x".repeat(MAX_CONTENT_LENGTH + 1) }), { garbage: 1 }],
  ["with another text", tampered({ content: "hell" }), { forged: 1 }],
  ["with another time", tampered({ created_at: SECONDS - 1 }), { forged: 1 }],
  [
    "with another author",
    tampered({ pubkey: REPLY.pubkey.replace(/^./, (d) => (d === "0" ? "1" : "0")) }),
    { forged: 1 },
  ],
  ["with another id", tampered({ id: REPLY.id }), { forged: 1 }],
  ["with another's signature", tampered({ sig: REPLY.sig }), { forged: 1 }],
  ["with an empty signature", tampered({ sig: "0".repeat(128) }), { forged: 1 }],
  ["with a field of its own", tampered({ more: 1 }), { garbage: 1 }],
  ["without a signature", tampered({ sig: undefined }), { garbage: 1 }],
  ["in capitals", tampered({ id: REQUEST.id.toUpperCase() }), { garbage: 1 }],
  ["at no time", tampered({ created_at: Number.NaN }), { garbage: 1 }],
  ["null", null, { garbage: 1 }],
  ["text", JSON.stringify(REQUEST), { garbage: 1 }],
])("an event %s", async (_, event, counts) => {
  const { pass, handled } = createRouter();
  expect(await pass(event)).toEqual(counts);
  expect(handled).toHaveLength("answered" in counts ? 1 : 0);
});

test("nothing that a stranger makes up reaches a bunker, and the next good request is answered", async () => {
  const another = signed({ created_at: SECONDS + 1, content: "another" });
  const mixed = fc
    .subarray(["id", "created_at", "content", "sig"] as const, { minLength: 1, maxLength: 3 })
    .map((fields) => tampered(Object.fromEntries(fields.map((field) => [field, another[field]]))));
  const altered = fc
    .dictionary(fc.constantFrom(...Object.keys(REQUEST), "more"), fc.anything(), { minKeys: 1 })
    .map(tampered)
    .filter((event) => JSON.stringify(event) !== JSON.stringify(REQUEST));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(mixed, altered, fc.anything()), { maxLength: 20 }), async (events) => {
      const { pass, handled } = createRouter();
      expect(await pass(...events, REQUEST)).toMatchObject({ answered: 1 });
      expect(handled).toEqual([REQUEST.id]);
    }),
    { numRuns: 40 },
  );
});

test("stops reading an event at the first thing that is wrong with it", async () => {
  let looked = 0;
  const tags = new Proxy(Array(100_000).fill([]), {
    get: (target, name) => {
      looked += 1;
      return Reflect.get(target, name);
    },
  });
  const { pass } = createRouter();
  expect(await pass(tampered({ tags }))).toEqual({ garbage: 1 });
  expect(looked).toBeLessThan(100);
});

test("an event that comes from several relays is handled once", async () => {
  const { pass, handled } = createRouter();
  expect(await pass(REQUEST, { ...REQUEST }, REQUEST)).toEqual({ answered: 1, duplicate: 2 });
  expect(handled).toEqual([REQUEST.id]);
});

test("a forgery under the id of a request does not keep the real one out", async () => {
  const { pass, handled } = createRouter();
  expect(await pass(tampered({ sig: REPLY.sig }), tampered({ content: "" }), REQUEST)).toEqual({
    forged: 2,
    answered: 1,
  });
  expect(handled).toEqual([REQUEST.id]);
});

test("a refusal is published, and garbage has no reply", async () => {
  const refusing = createRouter(async () => ended("refused"));
  expect(await refusing.pass(REQUEST)).toEqual({ refused: 1 });
  expect(refusing.published).toEqual([REPLY]);
  const baffled = createRouter(async () => ({ kind: "garbage" }));
  expect(await baffled.pass(REQUEST)).toEqual({ garbage: 1 });
  expect(baffled.published).toEqual([]);
});
