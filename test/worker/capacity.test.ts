/** Relays that take fewer subscriptions than there are keys for. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { createStore, type TestStore } from "../support/bunker.ts";
import { type CappedRelay, startCappedRelay } from "../support/capped-relay.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { startedWorker, type Worker } from "../support/worker.ts";

let store: TestStore;
let worker: Worker;
const relays: CappedRelay[] = [];
const clients: Nip46Client[] = [];

beforeEach(async () => {
  store = await createStore();
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  await worker?.end("SIGKILL");
  for (const relay of relays.splice(0)) await relay.close();
  await store.close();
});

const start = async (keys: number, caps: [values: number, subscriptions: number][]) => {
  const added = await Promise.all(Array.from({ length: keys }, () => store.addKey()));
  await Promise.all(added.map((key) => store.addToken(key)));
  for (const [values, most] of caps) relays.push(await startCappedRelay(values, "CLOSED", most));
  const RELAYS = relays.map(({ url }) => url).join(",");
  worker = await startedWorker({ ...store.env, RELAYS, HEARTBEAT_INTERVAL_MS: "100" });
  return added;
};

const status = () => worker.lines().findLast(({ msg }) => /active bunkers/.test(msg))?.relays;

test("keys that do not fit are told of in the log and in the status", async () => {
  await start(50, [[16, 2]]);
  const report = await worker.logged(/takes no more subscriptions/);
  expect(report).toMatchObject({ level: 50, keys: 50, unheard: 18 });
  const refusal = expect.stringMatching(/at most 2 subscriptions/);
  await expect.poll(status).toMatchObject([{ connected: true, keys: 50, unheard: 18, refusal }]);
});

test("two relays with room for half of the keys each hear of all keys together", async () => {
  const caps: [number, number] = [8, 2];
  const keys = await start(24, [caps, caps]);
  await expect.poll(status).toMatchObject([{ unheard: 8 }, { unheard: 8 }]);
  for (const key of keys) {
    const both = await Promise.all(relays.map(({ url }) => Nip46Client.open(url, key.pubkey)));
    clients.push(...both);
    const reply = await Promise.race(both.map((client) => client.request("ping")));
    expect(reply).toMatchObject({ error: expect.stringMatching(/not connected/) });
  }
});
