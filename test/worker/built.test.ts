/** The worker as `npm run build` bundles it: one file, run away from the project and its dependencies. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { encrypt } from "nostr-tools/nip49";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Build, buildWorker } from "../support/build.ts";
import { createStore, type TestStore } from "../support/bunker.ts";
import { startCappedRelay } from "../support/capped-relay.ts";
import { createDatabase } from "../support/database.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { BARE } from "../support/process.ts";
import { startWorker } from "../support/worker.ts";

let build: Build;
let store: TestStore;

beforeAll(async () => {
  store = await createStore();
  build = await buildWorker();
});
afterAll(async () => {
  await store.close();
  await build.remove();
});

test("it serves a key, and sets up an empty database", async () => {
  const relay = await startCappedRelay(1_000);
  const key = await store.addKey();
  const token = await store.addToken(key);
  const encrypted = await store.addKey(({ secret }) => encrypt(secret, "a passphrase", 4));
  await store.addToken(encrypted);
  const env = {
    ...store.env,
    RELAYS: relay.url,
    NCRYPTSEC_PASSPHRASE: "a passphrase",
    CRYPTO: "wasm",
  };
  const worker = startWorker(env, build.main);
  await worker.logged(/^cryptography: wasm$/);
  await worker.logged(/^started [12] bunkers?$/);
  await worker.logged(new RegExp(`^${encrypted.npub} started$`));
  const client = await Nip46Client.open(relay.url, key.pubkey);
  expect(await client.request("connect", [key.pubkey, token])).toMatchObject({ result: "ack" });
  expect(await worker.end()).toBe(0);

  const empty = await createDatabase("template0");
  const second = startWorker(
    { DATABASE_URL: empty.url, DATABASE_DRIVER: empty.driver, RELAYS: relay.url },
    build.main,
  );
  await second.logged(/^applied migrations$/);
  await second.logged(/^started 0 bunkers$/);
  expect(await second.end()).toBe(0);
  await empty.drop();
  await relay.close();
});

test("the operator's command line is built beside it", async () => {
  // Not the synchronous kind: the stand-in for Neon's proxy runs in this process.
  const { stdout } = await promisify(execFile)(process.execPath, [build.cli, "status", "--json"], {
    env: { ...BARE, ...store.env },
  });
  expect(JSON.parse(stdout)).toMatchObject({ database: new URL(store.database.url).host });
});
