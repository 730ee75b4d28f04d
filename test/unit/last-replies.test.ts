/** What a worker that died had answered, as relays tell. */
import { expect, test } from "vitest";
import type { NostrEvent } from "../../protocol/nostr.ts";
import type { Unlogged } from "../../worker/leases/holdings.ts";
import { LastReplies } from "../../worker/leases/last-replies.ts";
import type { Filter } from "../../worker/relay-lookups.ts";
import type { Findings } from "../../worker/relays.ts";
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

const setUp = (events: NostrEvent[], unlogged: Unlogged | null = LATELY) => {
  const asked: Filter[] = [];
  const replies = new LastReplies({
    ask: async (filter) => {
      asked.push(filter);
      return { events, end: "done" as const };
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
    ask: async () => ({ events, end: "done" as const }),
    unlogged: () => unlogged,
  });
  expect(await replies.find(hex(1), hex(2), plain)).toEqual(new Set(["a"]));
  events.push(reply(hex(1), hex(2), said("b")));
  expect(await replies.find(hex(1), hex(2), plain)).toEqual(new Set(["a"]));
  unlogged.gain += 1;
  expect(await replies.find(hex(1), hex(2), plain)).toEqual(new Set(["a", "b"]));
});

test("relays that fail keep nobody from being answered", async () => {
  const replies = new LastReplies({
    ask: () => Promise.reject(new Error("away")),
    unlogged: () => LATELY,
  });
  expect(await replies.find(hex(1), hex(2), plain)).toEqual(new Set());
});

test("a relay that breaks off is asked again, and what it told counts", async () => {
  const answers = [
    { events: [reply(hex(1), hex(2), said("a"))], end: "broken off" as const },
    { events: [reply(hex(1), hex(2), said("a")), reply(hex(1), hex(2), said("b"))], end: "done" as const },
  ];
  const replies = new LastReplies({
    ask: async (): Promise<Findings> => answers.shift() ?? { events: [], end: "done" as const },
    unlogged: () => LATELY,
  });
  expect(await replies.find(hex(1), hex(2), plain)).toEqual(new Set(["a", "b"]));
  expect(answers).toEqual([]);
});

test("a relay that takes fewer keys in a question is asked for fewer at a time, and tells of all", async () => {
  const asked: number[] = [];
  const replies = new LastReplies({
    ask: async ({ authors = [] }) => {
      asked.push(authors.length);
      if (authors.length > 3) return { events: [], end: "too large" };
      return { events: authors.map((pubkey) => reply(pubkey, hex(99), said(pubkey))), end: "done" };
    },
    unlogged: () => LATELY,
  });
  const keys = Array.from({ length: 9 }, (_, index) => hex(index + 1));
  const ids = await Promise.all(keys.map((key) => replies.find(key, hex(99), plain)));
  expect(ids).toEqual(keys.map((key) => new Set([key])));
  // The first comes alone.
  expect(asked).toEqual([1, 8, 4, 2, 2, 2, 2]);
});
