/** What a worker that died had answered, as relays tell. */
import { afterEach, expect, test, vi } from "vitest";
import type { NostrEvent } from "../../protocol/nostr.ts";
import type { Unlogged } from "../../worker/leases/holdings.ts";
import { LastReplies } from "../../worker/leases/last-replies.ts";
import type { Filter } from "../../worker/relay-answer.ts";
import { signed } from "../support/router.ts";

const hex = (byte: number) => byte.toString(16).padStart(2, "0").repeat(32);
/** A reply of a key to a client; the text stands for what is encrypted. */
const reply = (pubkey: string, client: string, content: string) => ({
  ...signed({ tags: [["p", client]], content }),
  pubkey,
});
const said = (id: string) => JSON.stringify({ id, result: "done" });
const plain = (content: string) => content;

const LATELY: Unlogged = { since: 1_700_000_000_500, until: 1_700_000_240_000, gain: 1 };

afterEach(() => vi.useRealTimers());

const setUp = (events: NostrEvent[], unlogged: Unlogged | null = LATELY) => {
  const asked: Filter[] = [];
  const replies = new LastReplies({
    ask: async (filter, _, onFound) => {
      asked.push(filter);
      events.forEach(onFound);
      return ["told"];
    },
    unlogged: () => unlogged,
  });
  return { replies, asked };
};

test("where the log tells all, no relay is asked", () => {
  const { replies, asked } = setUp([], null);
  expect(replies.find(hex(1), hex(2), plain)).toBe(undefined);
  expect(asked).toEqual([]);
});

test("questions that come together are one, from before the log ends, and each client gets its own", async () => {
  const { replies, asked } = setUp([
    reply(hex(1), hex(2), said("a")),
    reply(hex(1), hex(2), said("b")),
    reply(hex(1), hex(3), said("c")),
    reply(hex(4), hex(2), said("d")),
    reply(hex(1), hex(2), "no reply at all"),
  ]);
  const ids = await Promise.all([
    replies.find(hex(1), hex(2), plain),
    replies.find(hex(1), hex(2), plain),
    replies.find(hex(4), hex(2), plain),
    replies.find(hex(4), hex(3), plain),
  ]);
  expect(ids.map((each) => [...(each ?? [])])).toEqual([["a", "b"], ["a", "b"], ["d"], []]);
  const all = asked.flatMap(({ authors, "#p": clients }) => [authors, clients]).flat();
  expect(new Set(all)).toEqual(new Set([hex(1), hex(2), hex(3), hex(4)]));
  expect(asked.length).toBeLessThanOrEqual(2);
  expect(asked[0]).toMatchObject({ kinds: [24_133], since: 1_699_999_999 });
});

test("when a key was gained again, what others answered in between is asked for as well, also of clients that are known", async () => {
  const events = [reply(hex(1), hex(2), said("a"))];
  const unlogged = { ...LATELY };
  const replies = new LastReplies({
    ask: async (_filter, _timeout, onFound) => {
      events.forEach(onFound);
      return ["told"];
    },
    unlogged: () => unlogged,
  });
  expect(await replies.find(hex(1), hex(2), plain)).toEqual(new Set(["a"]));
  events.push(reply(hex(1), hex(2), said("b")));
  expect(await replies.find(hex(1), hex(2), plain)).toEqual(new Set(["a"]));
  unlogged.gain += 1;
  expect(await replies.find(hex(1), hex(2), plain)).toEqual(new Set(["a", "b"]));
});

test("relays that are away, or fail, keep nobody from being answered", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "performance"] });
  for (const ask of [() => Promise.reject(new Error("away")), async () => ["lost" as const]]) {
    const ids = new LastReplies({ ask, unlogged: () => LATELY }).find(hex(1), hex(2), plain);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await ids).toEqual(new Set());
  }
});

test("relays that break off are asked again, and what they told counts", async () => {
  const [a, b] = [reply(hex(1), hex(2), said("a")), reply(hex(1), hex(2), said("b"))];
  const tries = [
    { events: [a], ends: ["lost" as const] },
    { events: [a, b], ends: ["told" as const, "lost" as const] },
  ];
  const replies = new LastReplies({
    ask: async (_filter, _timeout, onFound) => {
      const { events = [], ends = [] } = tries.shift() ?? {};
      events.forEach(onFound);
      return ends;
    },
    unlogged: () => LATELY,
  });
  expect(await replies.find(hex(1), hex(2), plain)).toEqual(new Set(["a", "b"]));
  expect(tries).toEqual([]);
});

test("a relay that takes fewer keys in a question is asked for fewer at a time, and tells of all", async () => {
  const asked: number[] = [];
  const replies = new LastReplies({
    ask: async ({ authors = [] }, _, onFound) => {
      asked.push(authors.length);
      if (authors.length > 3) return ["told", "too large"];
      for (const pubkey of authors) onFound(reply(pubkey, hex(99), said(pubkey)));
      return ["told", "told"];
    },
    unlogged: () => LATELY,
  });
  const keys = Array.from({ length: 9 }, (_, index) => hex(index + 1));
  const ids = await Promise.all(keys.map((key) => replies.find(key, hex(99), plain)));
  expect(ids).toEqual(keys.map((key) => new Set([key])));
  // The first comes alone.
  expect(asked).toEqual([1, 8, 4, 2, 2, 2, 2]);
});

test("to a relay that does not take one key either, not each is asked for alone", async () => {
  let asked = 0;
  const replies = new LastReplies({
    ask: async () => {
      asked++;
      return ["too large"];
    },
    unlogged: () => LATELY,
  });
  await Promise.all(Array.from({ length: 100 }, (_, index) => replies.find(hex(index), hex(99), plain)));
  expect(asked).toBeLessThan(12);
});

test("of a relay without end, no more is kept and read than an honest one would tell", async () => {
  const forged = reply(hex(1), hex(2), "");
  let read = 0;
  const replies = new LastReplies({
    ask: async (_filter, _timeout, onFound) => {
      for (let index = 0; index < 100_000; index++) onFound({ ...forged, content: String(index) });
      onFound({ ...forged, pubkey: hex(3) });
      return ["told"];
    },
    unlogged: () => LATELY,
  });
  await replies.find(hex(1), hex(2), (content) => {
    read++;
    return content;
  });
  expect(read).toBe(1_000);
});
