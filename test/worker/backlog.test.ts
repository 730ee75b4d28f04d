/** More requests than the edge's relay tells in one answer, sent while no signer listened. */
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LIMITS } from "../../edge/relay/limits.ts";
import { createStore, type TestStore } from "../support/bunker.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { RelayClient, relayUrl } from "../support/relay-client.ts";
import { startedWorker, type Worker } from "../support/worker.ts";

let store: TestStore;
let edge: Edge;
let worker: Worker | undefined;

beforeEach(async () => {
  [store, edge] = await Promise.all([createStore(), startEdge()]);
});
afterEach(async () => {
  await worker?.end("SIGKILL");
  await Promise.all([store.close(), edge.close()]);
});

const MEGABYTE = 1_048_576;

// Each fewer than the relay keeps for one person, and takes at once from one address.
test.each([
  { what: "many small ones", keys: 3, requests: 180, size: 10 },
  { what: "few large ones", keys: 4, requests: 15, size: 36_000 },
])("all that waited at the relay are answered once: $what", async ({ keys: count, requests, size }) => {
  const keys = await Promise.all(Array.from({ length: count }, () => store.addKey()));
  await Promise.all(keys.map((key) => store.addToken(key)));
  const clients = await Promise.all(keys.map((key) => Nip46Client.open(relayUrl(edge), key.pubkey)));
  const seconds = Math.floor(Date.now() / 1_000);
  const events = clients.map((client) =>
    Array.from({ length: requests }, (_, index) => {
      const ping = JSON.stringify({ id: randomUUID(), method: "ping", params: ["x".repeat(size)] });
      // No second alone fills an answer.
      return client.event(ping, { createdAt: seconds - (index % 20) });
    }),
  );
  const tooMany = events.flat().length > LIMITS.replay.events;
  const tooMuch = JSON.stringify(events).length > LIMITS.replay.bytes + MEGABYTE / 2;
  expect(tooMany || tooMuch).toBe(true);
  await Promise.all(
    events.map(async (those, number) => {
      const sender = await RelayClient.open(edge, `198.51.100.${number + 1}`);
      for (const event of those) expect(await sender.publish(event)).toMatchObject({ accepted: true });
      sender.close();
    }),
  );

  worker = await startedWorker({ ...store.env, RELAYS: relayUrl(edge) });
  const answered = () => clients.map(({ replies }) => new Set(replies.map(({ id }) => id)).size);
  await expect.poll(answered, { timeout: 30_000 }).toEqual(clients.map(() => requests));
  // What would come twice would have come before the reply to another.
  await Promise.all(clients.map((client) => client.request("ping")));
  expect(clients.map(({ replies }) => replies.length)).toEqual(clients.map(() => requests + 1));
  await Promise.all(clients.map((client) => client.close()));
});
