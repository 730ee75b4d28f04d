/** Relays that ask who the worker is (NIP-42), played by a fake. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { startAuthRelay } from "../support/auth-relay.ts";
import { createStore, type TestKey, type TestStore } from "../support/bunker.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { startedWorker, type Worker } from "../support/worker.ts";

let store: TestStore;
let key: TestKey;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  store = await createStore();
  key = await store.addKey();
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await store.close();
});

const start = async (demand: Parameters<typeof startAuthRelay>[0]) => {
  const token = await store.addToken(key);
  const relay = await startAuthRelay(demand);
  closing.push(relay.close);
  const worker: Worker = await startedWorker({
    ...store.env,
    RELAYS: relay.url,
    HEARTBEAT_INTERVAL_MS: "100",
  });
  closing.push(() => worker.end("SIGKILL"));
  return { relay, worker, token };
};

test.each(["at once", "to subscribe", "to publish"] as const)(
  "a relay that asks %s gets an answer, and then all that it had refused",
  async (demand) => {
    const { relay, worker, token } = await start(demand);
    const status = () => worker.lines().findLast(({ relays }) => Array.isArray(relays))?.relays;
    await expect.poll(status, { timeout: 5_000 }).toMatchObject([{ keys: 1, unheard: 0 }]);
    const client = await Nip46Client.open(relay.openUrl, key.pubkey);
    closing.push(() => client.close());
    expect(await client.request("connect", [key.pubkey, token])).toMatchObject({ result: "ack" });
    expect(relay.known).toHaveLength(1);
    expect(relay.known).not.toContain(key.pubkey);
    if (demand === "to publish") expect(relay.refused).toContain("EVENT");
    if (demand === "to subscribe") expect(relay.refused).toContain("REQ");
  },
);

test("a relay that lets nobody in is told of, and not asked ever faster", async () => {
  const { relay, worker } = await start("nobody");
  await worker.logged(/does not accept who this is/);
  const { relays } = await worker.logged(/active bunkers/, worker.lines().length);
  expect(relays).toMatchObject([
    { connected: true, keys: 1, unheard: 1, refusal: expect.stringMatching(/^auth-required/) },
  ]);
  const asked = relay.refused.length;
  await worker.logged(/active bunkers/, worker.lines().length);
  expect(relay.refused.length - asked).toBeLessThanOrEqual(2);
});
