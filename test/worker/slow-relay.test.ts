/** Relays that are in no state to take everything at once. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { createStore, type TestKey, type TestStore } from "../support/bunker.ts";
import { type DeafRelay, startDeafRelay } from "../support/deaf-relay.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { startedWorker, startWorker, type Worker } from "../support/worker.ts";

let store: TestStore;
let relay: DeafRelay;
let key: TestKey;
let worker: Worker;

beforeEach(async () => {
  [store, relay] = await Promise.all([createStore(), startDeafRelay()]);
  key = await store.addKey();
});
afterEach(async () => {
  await worker?.end("SIGKILL");
  await relay.close();
  await store.close();
});

test("replies that are too many for a relay are sent again, and told of in one line", async () => {
  const token = await store.addToken(key);
  worker = await startedWorker({ ...store.env, RELAYS: relay.url });
  const client = await Nip46Client.open(relay.url, key.pubkey);
  try {
    expect(await client.request("connect", [key.pubkey, token])).toMatchObject({ result: "ack" });
    relay.limits.set(key.pubkey, 25);
    const replies = await Promise.all(Array.from({ length: 20 }, () => client.request("ping")));
    expect(replies.map(({ result }) => result)).toEqual(new Array(20).fill("pong"));
    expect(relay.limits.get(key.pubkey)).toBe(0);
    const told = worker.lines().filter(({ msg }) => msg === "the relay did not take a reply");
    expect(told[0]).toMatchObject({ count: 1, reason: "rate-limited: too many events" });
    expect(told.length).toBeLessThan(4);
  } finally {
    await client.close();
  }
});

test("a relay that does not answer is said not to, and not to have refused", async () => {
  await store.addToken(key);
  relay.isMute = true;
  worker = startWorker({ ...store.env, RELAYS: relay.url, HEARTBEAT_INTERVAL_MS: "100" });
  await worker.logged(/^the relay did not answer a subscription$/);
  expect(relay.requests).toHaveLength(1);
  expect(worker.lines().filter(({ msg }) => /refused/.test(msg))).toEqual([]);
});
