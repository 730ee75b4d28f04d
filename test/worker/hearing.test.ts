/** Whether relays deliver what they confirmed: the worker asks itself. */
import { verifyEvent } from "nostr-tools/pure";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createStore, type TestKey, type TestStore } from "../support/bunker.ts";
import { type DeafRelay, startDeafRelay } from "../support/deaf-relay.ts";
import { startEdge } from "../support/edge.ts";
import { type Monitored, monitored } from "../support/monitoring.ts";
import { relayUrl } from "../support/relay-client.ts";
import { startedWorker, type Worker } from "../support/worker.ts";

let store: TestStore;
let relay: DeafRelay;
let key: TestKey;
let worker: Worker;

beforeEach(async () => {
  [store, relay] = await Promise.all([createStore(), startDeafRelay()]);
  key = await store.addKey();
  await store.addToken(key);
});

afterEach(async () => {
  await worker?.end("SIGKILL");
  await relay.close();
  await store.close();
});

const run = async (env = {}): Promise<Monitored> => {
  worker = await startedWorker({
    ...store.env,
    RELAYS: relay.url,
    HTTP_PORT: "0",
    HEARTBEAT_INTERVAL_MS: "100",
    ...env,
  });
  return monitored(worker);
};

test("a key that a relay confirms and does not deliver to is found, and asked for again", async () => {
  const other = await store.addKey();
  await store.addToken(other);
  relay.deafTo.add(other.pubkey);
  // So that there is time to look before it asks again.
  const pages = await run({ HEARTBEAT_INTERVAL_MS: "1000" });
  await expect.poll(() => relay.requests).toHaveLength(1);
  expect(await worker.logged(/is deaf/)).toMatchObject({ level: 50, npub: other.npub, relay: relay.url });
  const state = await pages.becomes(503);
  expect(state.relays).toMatchObject([{ connected: true, deaf: { count: 1, keys: [other.npub] } }]);
  expect((await pages.metrics()).get(`satoshigle_relay_deaf_keys{relay="${relay.url}"}`)).toBe(1);
  // The subscription is sent again, and the deaf key is asked again each time.
  await expect.poll(() => relay.requests.length).toBeGreaterThan(1);
  relay.deafTo.clear();
  await worker.logged(/is heard again/);
  expect((await pages.becomes(200)).relays).toMatchObject([{ deaf: { count: 0, keys: [] } }]);
  expect(worker.lines().filter(({ msg }) => /is deaf/.test(msg))).toHaveLength(1);
  // Its own questions are no requests: none was answered, and none counted.
  expect(
    [...(await pages.metrics())].filter(([name]) => name.startsWith("satoshigle_requests_total")),
  ).toEqual([]);
});

test("questions come from a stranger's key, one recipient each, and reach every key in turn", async () => {
  const others = await Promise.all([store.addKey(), store.addKey()]);
  for (const other of others) await store.addToken(other);
  const pages = await run();
  await pages.becomes(200);
  const pubkeys = [key, ...others].map(({ pubkey }) => pubkey).sort();
  const asked = () => [...new Set(relay.events.flatMap(({ tags }) => tags.map(([, to]) => to)))].sort();
  await expect.poll(asked).toEqual(pubkeys);
  for (const event of relay.events) {
    expect(event.kind).toBe(24_133);
    expect(event.tags).toHaveLength(1);
    expect(verifyEvent(event)).toBe(true);
    expect(pubkeys).not.toContain(event.pubkey);
  }
});

test("a relay that takes no questions keeps nothing from being ready", async () => {
  relay.refuses = true;
  const pages = await run();
  await worker.logged(/does not take questions/);
  const { relays } = await pages.becomes(200);
  expect(relays).toMatchObject([{ takesQuestions: false, heardAt: null, deaf: { count: 0 } }]);
});

test("the edge's relay is heard soon after the start, without waiting for the interval", async () => {
  const edge = await startEdge();
  try {
    const pages = await run({ RELAYS: relayUrl(edge), HEARTBEAT_INTERVAL_MS: "30000" });
    const { relays } = await pages.becomes(200);
    expect(relays).toMatchObject([
      { url: relayUrl(edge), takesQuestions: true, heardAt: expect.any(String) },
    ]);
  } finally {
    await edge.close();
  }
});
