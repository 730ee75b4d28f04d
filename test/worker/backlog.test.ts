/** More requests than the edge's relay tells in one answer, sent while no signer listened. */
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LIMITS } from "../../edge/relay/limits.ts";
import { createStore, type TestStore } from "../support/bunker.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { RelayClient, relayUrl } from "../support/relay-client.ts";
import { startedWorker, type Worker } from "../support/worker.ts";

const KEYS = 3;
/** Fewer than the relay keeps for one person, and takes at once from one address. */
const REQUESTS = 180;

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

test("all that waited at the relay are answered once", async () => {
  expect(KEYS * REQUESTS).toBeGreaterThan(LIMITS.replay.events);
  const keys = await Promise.all(Array.from({ length: KEYS }, () => store.addKey()));
  await Promise.all(keys.map((key) => store.addToken(key)));
  const clients = await Promise.all(keys.map((key) => Nip46Client.open(relayUrl(edge), key.pubkey)));
  const seconds = Math.floor(Date.now() / 1_000);
  const requests = clients.map((client) =>
    Array.from({ length: REQUESTS }, (_, index) => {
      const ping = JSON.stringify({ id: randomUUID(), method: "ping", params: [] });
      // No second alone fills an answer.
      return client.event(ping, { createdAt: seconds - (index % 20) });
    }),
  );
  await Promise.all(
    requests.map(async (events, number) => {
      const sender = await RelayClient.open(edge, `198.51.100.${number + 1}`);
      for (const event of events) expect(await sender.publish(event)).toMatchObject({ accepted: true });
      sender.close();
    }),
  );

  worker = await startedWorker({ ...store.env, RELAYS: relayUrl(edge) });
  const answered = () => clients.map(({ replies }) => new Set(replies.map(({ id }) => id)).size);
  await expect.poll(answered, { timeout: 30_000 }).toEqual(clients.map(() => REQUESTS));
  expect(clients.map(({ replies }) => replies.length)).toEqual(clients.map(() => REQUESTS));
  await Promise.all(clients.map((client) => client.close()));
}, 60_000);
