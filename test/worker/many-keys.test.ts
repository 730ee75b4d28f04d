/** Thousands of keys in one process: started while they are read, on few subscriptions, with others coming and going. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { useBackend } from "../../worker/crypto/backend.ts";
import { chooseCrypto } from "../../worker/crypto/choice.ts";
import { generateSealedKey } from "../../worker/keys.ts";
import { hexOf } from "../../worker/npub.ts";
import { generateMasterKey } from "../../worker/sealing.ts";
import { createStore, type TestStore } from "../support/bunker.ts";
import { type CappedRelay, startCappedRelay } from "../support/capped-relay.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { startedWorker, type Worker } from "../support/worker.ts";

const KEYS = 2_000;
const MASTER_KEY = generateMasterKey();

let store: TestStore;
let relay: CappedRelay;
let worker: Worker;
let npubs: string[];

beforeAll(async () => {
  useBackend(await chooseCrypto(undefined, { info: () => {} }));
  [store, relay] = await Promise.all([createStore(), startCappedRelay(1_000)]);
  const sealed = Array.from({ length: KEYS }, () => generateSealedKey(MASTER_KEY));
  npubs = sealed.map(({ npub }) => npub).sort();
  await store.sql('INSERT INTO "Keys" (npub, ncryptsec) SELECT * FROM unnest($1::text[], $2::text[])', [
    sealed.map(({ npub }) => npub),
    sealed.map((each) => each.sealed),
  ]);
  await issue(npubs);
});

afterAll(async () => {
  await worker.end("SIGKILL");
  await relay.close();
  await store.close();
});

/** A token for each of these keys, by the name of the key. */
const issue = (keys: string[]) =>
  store.sql(
    `INSERT INTO "ConnectTokens" (token, npub, timestamp, expiry)
     SELECT 'token of ' || npub, npub, $2, $3 FROM unnest($1::text[]) AS npub`,
    [keys, Date.now(), Date.now() + 3_600_000],
  );

const connected = async (npub: string): Promise<Nip46Client> => {
  const pubkey = hexOf(npub) ?? "";
  const client = await Nip46Client.open(relay.url, pubkey);
  expect(await client.request("connect", [pubkey, `token of ${npub}`])).toMatchObject({ result: "ack" });
  return client;
};

test("the first bunkers answer while the rest is being started", async () => {
  const [first = ""] = npubs;
  const asking = connected(first);
  worker = await startedWorker({ ...store.env, RELAYS: relay.url, MASTER_KEY });
  const client = await asking;
  expect(relay.taken.length, "subscriptions until all were heard").toBeGreaterThan(2);
  const said = worker.lines().map(({ msg }) => msg);
  expect(said).toContain(`found ${KEYS} keys`);
  expect(said).toContain(`found ${KEYS} non-expired tokens`);
  expect(said).toContain(`started ${KEYS} bunkers`);
  // Of so many, none is named.
  expect(said.filter((line) => line.includes(first))).toEqual([]);
  await (await connected(npubs.at(-1) ?? "")).close();
  await client.close();
});

test("keys that stay miss no request while hundreds of others come and go, on few subscriptions", async () => {
  const staying = await Promise.all(npubs.slice(1, 6).map(connected));
  const others = npubs.slice(6);
  const before = relay.taken.length;
  let answered = 0;
  for (let round = 0; round < 10; round++) {
    const some = others.slice(round * 100, round * 100 + 100);
    const [, ...replies] = await Promise.all([
      store.sql('DELETE FROM "ConnectTokens" WHERE npub = ANY($1)', [some]),
      ...staying.map((client) => client.request("ping")),
    ]);
    answered += replies.filter(({ result }) => result === "pong").length;
    await issue(some);
  }
  expect(answered).toBe(50);
  await (await connected(others[999] ?? "")).close();
  // A subscription of a thousand keys is a long message: it is not sent again for each key.
  expect(relay.taken.length - before).toBeLessThan(30);
  for (const client of staying) await client.close();
});
