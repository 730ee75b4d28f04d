/** A token binds to its first client: however many come at once, and from however many processes. */
import { npubEncode } from "nostr-tools/nip19";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createStore, type TestStore } from "../support/bunker.ts";
import { type CappedRelay, startCappedRelay } from "../support/capped-relay.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { startProcess } from "../support/process.ts";
import { startedWorker } from "../support/worker.ts";

let store: TestStore;
let relay: CappedRelay;

beforeAll(async () => {
  [store, relay] = await Promise.all([createStore(), startCappedRelay(1_000)]);
});
afterAll(() => Promise.all([store?.close(), relay?.close()]));

const boundTo = async (token: string) => {
  const [row] = await store.sql('SELECT "subNpub" FROM "ConnectTokens" WHERE token = $1', [token]);
  return row?.subNpub;
};

test("of 1,000 clients that race for one token from 4 processes, exactly one is bound", async () => {
  const key = await store.addKey();
  const token = await store.addToken(key);
  const { url, driver } = store.database;
  const processes = [1, 2, 3, 4].map(() => startProcess("bind", url, driver, key.npub, token, "250"));
  await Promise.all(processes.map((process) => process.line()));
  for (const { child } of processes) child.stdin?.write("\n");
  const results = await Promise.all(processes.map(async (process) => JSON.parse(await process.line())));
  await Promise.all(processes.map((process) => process.end()));

  const bound: string[] = results.flatMap((result) => result.bound);
  expect(bound).toHaveLength(1);
  expect(results.reduce((sum, { counts }) => sum + (counts.taken ?? 0), 0)).toBe(999);
  expect(await boundTo(token)).toBe(npubEncode(bound[0] ?? ""));
});

test("of 40 clients that connect at once to two workers, one is let in, whichever of them answers", async () => {
  const key = await store.addKey();
  const token = await store.addToken(key);
  const env = { ...store.env, RELAYS: relay.url };
  const workers = await Promise.all([startedWorker(env), startedWorker(env)]);
  const clients = await Promise.all(
    Array.from({ length: 40 }, () => Nip46Client.open(relay.url, key.pubkey)),
  );
  await Promise.all(clients.map((client) => client.request("connect", [key.pubkey, token])));
  const bound = await boundTo(token);
  for (const client of clients) {
    const isBound = npubEncode(client.pubkey) === bound;
    const { result, error } = await client.request("ping");
    expect(result).toBe(isBound ? "pong" : "");
    if (!isBound) expect(error).toMatch(/not connected/);
    for (const reply of client.replies.filter(({ result }) => result !== "pong")) {
      if (isBound) expect(reply).toMatchObject({ result: "ack" });
      else expect(reply.error).toMatch(/another client uses it|not connected/);
    }
  }
  expect(clients.filter((client) => client.replies.some(({ result }) => result === "ack"))).toHaveLength(1);
  await Promise.all([...clients.map((client) => client.close()), ...workers.map((worker) => worker.end())]);
});
