import { npubEncode } from "nostr-tools/nip19";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { CLIENT_AUTH } from "../../protocol/nostr.ts";
import { author, now, sign } from "../relay/events.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { type Client, comeBack, join, pair, withdrawAll } from "./client.ts";
import { LOBBY } from "./names.ts";

const WINDOW = 1_000;

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({
    vars: { MAX_CONNECTIONS_PER_ADDRESS: "100", REMATCH_WINDOW_MS: String(WINDOW), RELAX_MS: "1" },
  });
});
afterEach(withdrawAll);
afterAll(() => edge.close());

test.each([false, true])(
  "the only two are matched again when the window ends (evicted meanwhile: %s)",
  async (evicted) => {
    const { first, second, matchId } = await pair(edge);
    const skippedAt = Date.now();
    second.say({ type: "skip", matchId });
    await second.expect("waiting");
    await first.expect("ended");
    await first.expect("waiting");
    if (evicted) await edge.evict("Lobby", LOBBY);
    const again = await first.expect("matched");
    expect(Date.now() - skippedAt).toBeGreaterThanOrEqual(WINDOW - 1);
    expect(again.matchId).not.toBe(matchId);
    expect(await second.expect("matched")).toMatchObject({
      type: "matched",
      matchId: again.matchId,
      role: "polite",
    });
  },
);

let houses = 0;
/** An address where nobody has been yet. */
const somewhere = () => {
  houses += 1;
  return { headers: { "cf-connecting-ip": `192.0.2.${houses}` } };
};

/** Everybody waits, having signed in before if they have a key. */
async function wait(client: Client, key?: ReturnType<typeof author>): Promise<Client> {
  if (key) {
    const { challenge } = client.welcome;
    const tags = [
      ["relay", edge.url.href],
      ["challenge", challenge],
    ];
    client.say({ type: "auth", event: sign(key, { kind: CLIENT_AUTH, tags, created_at: now() }) });
    expect(await client.expect("authenticated")).toMatchObject({ npub: npubEncode(key.pubkey) });
  }
  client.say({ type: "search" });
  await client.expect("waiting");
  return client;
}

/** Two from different houses, of whom the first has just skipped the second; and when. */
async function parted(key?: ReturnType<typeof author>) {
  const first = await wait(await join(edge, somewhere()));
  const second = await wait(await join(edge, somewhere()), key);
  const { matchId } = await first.expect("matched");
  await second.expect("matched");
  const at = Date.now();
  first.say({ type: "skip", matchId });
  await first.expect("waiting");
  await second.expect("ended");
  await second.expect("waiting");
  return { first, second, at };
}

async function expectMatchAfterWindow(one: Client, other: Client, skippedAt: number): Promise<void> {
  const { matchId } = await one.expect("matched");
  expect(Date.now() - skippedAt).toBeGreaterThanOrEqual(WINDOW - 1);
  expect(await other.expect("matched")).toMatchObject({ matchId, peer: { met: true } });
}

test.each([false, true])(
  "who was skipped and comes in anew is the same (evicted meanwhile: %s)",
  async (evicted) => {
    const { first, second, at } = await parted();
    await second.leave();
    if (evicted) await edge.evict("Lobby", LOBBY);
    const back = await wait(await join(edge, second.options));
    await expectMatchAfterWindow(first, back, at);
  },
);

test("so is who has skipped, and so are both", async () => {
  const { first, second, at } = await parted();
  await first.leave();
  const again = await wait(await join(edge, first.options));
  await again.expectNothingMore();
  await second.leave();
  const back = await wait(await join(edge, second.options));
  const { matchId } = await again.expect("matched");
  expect(Date.now() - at).toBeGreaterThanOrEqual(WINDOW - 1);
  expect(await back.expect("matched")).toMatchObject({ matchId });
});

test("so is who comes in from elsewhere with the same key", async () => {
  const key = author();
  const { first, second, at } = await parted(key);
  await second.leave();
  const back = await wait(await join(edge, somewhere()), key);
  await expectMatchAfterWindow(first, back, at);
});

test("a window stays open over a deploy", async () => {
  const { first, second, at } = await parted();
  await edge.evict("Lobby", LOBBY, { webSockets: "close" });
  await first.closed;
  await second.closed;
  const one = await comeBack(edge, first);
  await one.expect("resumed");
  const other = await comeBack(edge, second);
  await other.expect("resumed");
  await expectMatchAfterWindow(one, other, at);
});

test("two who have proven to be the same never meet", async () => {
  const key = author();
  const one = await wait(await join(edge, somewhere()), key);
  const other = await wait(await join(edge, somewhere()), key);
  for (const client of [one, other]) await client.expectNothingMore();
  const third = await wait(await join(edge, somewhere()));
  expect((await one.expect("matched")).matchId).toBe((await third.expect("matched")).matchId);
});
