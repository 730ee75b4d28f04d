/** Keys at rest as the worker meets them: many at once, under a passphrase, under more than one master key. */
import { encrypt } from "nostr-tools/nip49";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { sealSecret } from "../../worker/keys.ts";
import { generateMasterKey } from "../../worker/sealing.ts";
import { createStore, hex, newKey, type TestKey, type TestStore } from "../support/bunker.ts";
import { startCappedRelay } from "../support/capped-relay.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { startedWorker, type Worker } from "../support/worker.ts";

const PASSPHRASE = "correct horse battery staple";

let store: TestStore;
let relay: Awaited<ReturnType<typeof startCappedRelay>>;
let worker: Worker;

beforeAll(async () => {
  relay = await startCappedRelay(1_000);
});
afterAll(() => relay.close());
beforeEach(async () => {
  store = await createStore();
});
afterEach(async () => {
  await worker.end("SIGKILL");
  await store.close();
});

const run = async (env: Record<string, string>) => {
  worker = await startedWorker({ ...store.env, RELAYS: relay.url, ...env });
};
const addKey = async (atRest: (key: TestKey) => string) => {
  const key = await store.addKey(atRest);
  return { key, token: await store.addToken(key) };
};
const connect = async ({ key, token }: { key: TestKey; token: string }) => {
  const client = await Nip46Client.open(relay.url, key.pubkey);
  expect(await client.request("connect", [key.pubkey, token])).toMatchObject({ result: "ack" });
  return client;
};

test("while many keys are opened, the others go on answering", async () => {
  const first = await addKey(({ secret }) => hex(secret));
  await run({ CLIENT_RATE: "999999999", KEY_RATE: "999999999", LOG_LEVEL: "debug" });
  const client = await connect(first);
  const many = Array.from({ length: 400 }, newKey);
  const now = Date.now();
  await store.sql(
    `WITH made AS (INSERT INTO "Keys" (npub, ncryptsec) SELECT * FROM unnest($1::text[], $2::text[]))
     INSERT INTO "ConnectTokens" (token, npub, timestamp, expiry)
     SELECT md5(npub), npub, ${now}, ${now + 3_600_000} FROM unnest($1::text[]) AS npub`,
    [many.map(({ npub }) => npub), many.map(({ secret }) => hex(secret))],
  );
  const started = () => worker.lines().filter(({ msg }) => / started$/.test(msg)).length - 1;
  const seen = new Set<number>();
  while (started() < many.length) {
    expect(await client.request("ping")).toMatchObject({ result: "pong" });
    seen.add(started());
  }
  expect(seen.size).toBeGreaterThan(2);
});

test("keys under a passphrase are opened last, and not waited for; one under another is reported once", async () => {
  const withPassphrase = (passphrase: string) => addKey(({ secret }) => encrypt(secret, passphrase, 12));
  const [one, other, wrong] = [
    await withPassphrase(PASSPHRASE),
    await withPassphrase(PASSPHRASE),
    await withPassphrase("another"),
  ];
  const plain = await addKey(({ secret }) => hex(secret));
  await run({ NCRYPTSEC_PASSPHRASE: PASSPHRASE, SCAN_INTERVAL_MS: "200" });
  await worker.logged(/^running 3 bunkers$/);
  await worker.logged(/cannot be served/);
  const said = worker.lines().map(({ msg }) => msg);
  const at = (line: string) => {
    const index = said.findIndex((msg) => msg.startsWith(line));
    expect(index, line).toBeGreaterThan(-1);
    return index;
  };
  for (const slow of [one, other]) {
    expect(at(`${plain.key.npub} started`)).toBeLessThan(at(`${slow.key.npub} started`));
  }
  expect(said).toContainEqual(expect.stringMatching(/^opening key \d of 3 that a passphrase encrypts$/));
  expect(said.filter((msg) => /unsealed/.test(msg))).toHaveLength(1);
  for (const each of [one, other, plain]) await connect(each);
  expect(
    worker
      .lines()
      .map(({ msg }) => msg)
      .filter((msg) => msg.startsWith(`${wrong.key.npub} cannot be served`)),
  ).toEqual([`${wrong.key.npub} cannot be served: the ncryptsec does not open with NCRYPTSEC_PASSPHRASE`]);
  expect(worker.output()).not.toContain(PASSPHRASE);
});

test("under two master keys rows of both are served, and one that is sealed anew goes on", async () => {
  const [old, young] = [generateMasterKey(), generateMasterKey()];
  const [first, second] = [newKey(), newKey()];
  for (const [key, master] of [
    [first, old],
    [second, young],
  ] as const) {
    const sealed = await sealSecret(key.npub, hex(key.secret), [master], undefined);
    await store.sql('INSERT INTO "Keys" (npub, "localKey") VALUES ($1, $2)', [key.npub, sealed]);
  }
  const tokens = [await store.addToken(first), await store.addToken(second)];
  await run({ MASTER_KEY: `${young},${old}` });
  const clients = [
    await connect({ key: first, token: tokens[0] ?? "" }),
    await connect({ key: second, token: tokens[1] ?? "" }),
  ];
  const resealed = await sealSecret(first.npub, hex(first.secret), [young], undefined);
  await store.sql('UPDATE "Keys" SET "localKey" = $2 WHERE npub = $1', [first.npub, resealed]);
  for (const client of clients) expect(await client.request("ping")).toMatchObject({ result: "pong" });
  await worker.end();
  await run({ MASTER_KEY: young });
  for (const client of clients) expect(await client.request("ping")).toMatchObject({ result: "pong" });
});
