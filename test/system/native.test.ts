/** The system's libsecp256k1, alone and in the worker as it is built. */
import { expect, test } from "vitest";
import { openNative } from "../../worker/crypto/native.ts";
import { buildWorker } from "../support/build.ts";
import { createStore } from "../support/bunker.ts";
import { startCappedRelay } from "../support/capped-relay.ts";
import { testBackend } from "../support/crypto-tests.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { startWorker } from "../support/worker.ts";

testBackend(
  await openNative().catch((error) => {
    throw new Error(`${error.message}; npm run system:prepare installs it`);
  }),
);

test("the worker as it is built signs with it, unasked", async () => {
  const built = await buildWorker();
  const [relay, store] = [await startCappedRelay(1_000), await createStore()];
  const key = await store.addKey();
  const token = await store.addToken(key);
  const worker = startWorker({ ...store.env, RELAYS: relay.url }, built.main);
  await worker.logged(/^cryptography: native$/);
  await worker.logged(/^started 1 bunkers?$/);
  const client = await Nip46Client.open(relay.url, key.pubkey);
  expect(await client.request("connect", [key.pubkey, token])).toMatchObject({ result: "ack" });
  const template = { kind: 1, content: "signed by the system", tags: [], created_at: 1_800_000_000 };
  const { result } = await client.request("sign_event", [JSON.stringify(template)]);
  expect(JSON.parse(String(result))).toMatchObject({ ...template, pubkey: key.pubkey });
  expect(await worker.end()).toBe(0);
  await relay.close();
  await store.close();
  await built.remove();
});
