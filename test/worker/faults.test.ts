/**
 * The database goes away and comes back, in each way in which it can. `LONG_FAULTS=1` makes that as long as it
 * may be in earnest. Recovery times are printed.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createStore, type TestKey, type TestStore } from "../support/bunker.ts";
import { startCappedRelay } from "../support/capped-relay.ts";
import { type FaultyPostgres, startFaultyPostgres } from "../support/faulty-postgres.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { startedWorker, type Worker } from "../support/worker.ts";

const LONG = process.env.LONG_FAULTS !== undefined;
const UNREACHABLE = { error: expect.stringMatching(/cannot reach its database/) };
/** No request may wait for the database for longer, in milliseconds; apart from the first, a fraction of it. */
const LONGEST_WAIT_MS = 4_000;

let postgres: FaultyPostgres;
let relay: Awaited<ReturnType<typeof startCappedRelay>>;
let store: TestStore;
let worker: Worker;

beforeAll(async () => {
  postgres = await startFaultyPostgres();
});
afterAll(() => postgres.close());
beforeEach(async () => {
  // A relay that has kept nothing: the worker would answer the requests of the last test once more.
  [store, relay] = await Promise.all([createStore(postgres.database), startCappedRelay(1_000)]);
});
afterEach(async () => {
  await postgres.thaw();
  await worker.end("SIGKILL");
  await relay.close();
  await store.close();
});

const run = async (cacheMs: number) => {
  const many = "999999999";
  const env = { CLIENT_RATE: many, KEY_RATE: many, GRANT_CACHE_MS: String(cacheMs) };
  worker = await startedWorker({ ...store.env, ...env, RELAYS: relay.url });
};

const connected = async (key: TestKey, token: string): Promise<Nip46Client> => {
  const client = await Nip46Client.open(relay.url, key.pubkey);
  expect(await client.request("connect", [key.pubkey, token])).toMatchObject({ result: "ack" });
  return client;
};

const since = (start: number) => Math.round(performance.now() - start);

test.each([
  {
    fault: "stopped",
    begin: () => postgres.stop(),
    end: () => postgres.start(),
    lasts: LONG ? 30_000 : 3_000,
    cacheMs: LONG ? 60_000 : 2_000,
  },
  {
    fault: "frozen",
    begin: () => postgres.freeze(),
    end: () => postgres.thaw(),
    lasts: LONG ? 60_000 : 4_500,
    cacheMs: LONG ? 45_000 : 3_500,
  },
])(
  "PostgreSQL $fault: who is connected is answered for a time, then told; and answered again without a restart",
  async ({ fault, begin, end, lasts, cacheMs }) => {
    const key = await store.addKey();
    const token = await store.addToken(key);
    const counted = await store.addToken(key, { jsonData: { uses: 100 } });
    const unused = await store.addToken(key);
    await run(cacheMs);
    const [client, limited] = [await connected(key, token), await connected(key, counted)];
    const stranger = await Nip46Client.open(relay.url, key.pubkey);
    const event = JSON.stringify({ kind: 1, content: "", tags: [], created_at: 1 });
    expect(await limited.request("sign_event", [event])).not.toHaveProperty("error");

    const lastRead = performance.now();
    expect(await client.request("ping")).toMatchObject({ result: "pong" });
    const mark = worker.lines().length;
    await begin();
    const began = performance.now();
    const waits: number[] = [];
    const counts = { answered: 0, refused: 0 };
    while (since(began) < lasts) {
      const asked = performance.now();
      const reply = await client.request("ping");
      waits.push(since(asked));
      if (performance.now() < lastRead + cacheMs) expect(reply).toMatchObject({ result: "pong" });
      else if (asked > began + cacheMs) expect(reply).toMatchObject(UNREACHABLE);
      if (reply.result === "pong") counts.answered += 1;
      else counts.refused += 1;
      if (waits.length > 1) continue;
      // Now that the worker knows: who connects once more is connected, and others are told at once.
      expect(await client.request("connect", [key.pubkey, token])).toMatchObject({ result: "ack" });
      expect(await limited.request("sign_event", [event])).toMatchObject(UNREACHABLE);
      expect(await stranger.request("connect", [key.pubkey, unused])).toMatchObject(UNREACHABLE);
    }
    const [first = 0, ...rest] = waits;
    expect(counts.answered).toBeGreaterThan(0);
    expect(counts.refused > 0).toBe(lasts > cacheMs);
    expect(first).toBeLessThan(LONGEST_WAIT_MS);
    expect(Math.max(...rest)).toBeLessThan(LONGEST_WAIT_MS / 2);

    await end();
    const back = performance.now();
    await worker.logged(/^the database answers again$/, mark);
    expect(await client.request("ping")).toMatchObject({ result: "pong" });
    const answeredMs = since(back);
    expect(await stranger.request("connect", [key.pubkey, unused])).toMatchObject({ result: "ack" });
    const fresh = await createStore(postgres.database);
    const later = await fresh.addKey();
    await fresh.addToken(later);
    await worker.logged(new RegExp(`^${later.npub} started`), mark);
    await fresh.close();
    const line = { fault, lastedMs: since(began) - since(back), ...counts, answeredMs, heardMs: since(back) };
    process.stdout.write(`  ${store.env.DATABASE_DRIVER} ${JSON.stringify(line)}\n`);
    expect(answeredMs).toBeLessThan(LONGEST_WAIT_MS);
    expect(await worker.end()).toBe(0);
  },
  150_000,
);

test("connections that are ended one after the other are not noticed by who is connected", async () => {
  const key = await store.addKey();
  const token = await store.addToken(key);
  await run(60_000);
  const client = await connected(key, token);
  for (let round = 0; round < 3; round++) {
    const replies = Promise.all(Array.from({ length: 10 }, () => client.request("ping")));
    await postgres.terminate();
    for (const reply of await replies) expect(reply).toMatchObject({ result: "pong" });
  }
  expect(await worker.end()).toBe(0);
});
