/** Starting, following the database, losing relays and stopping, as an operator sees it. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createStore, hex, type TestKey, type TestStore } from "../support/bunker.ts";
import { startCappedRelay } from "../support/capped-relay.ts";
import { startEdge } from "../support/edge.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { relayUrl } from "../support/relay-client.ts";
import { startedWorker, startWorker, type Worker } from "../support/worker.ts";

let store: TestStore;
let relay: Awaited<ReturnType<typeof startCappedRelay>>;
const workers: Worker[] = [];

beforeEach(async () => {
  [store, relay] = await Promise.all([createStore(), startCappedRelay(1_000)]);
});

afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.end("SIGKILL");
  await relay.close();
  await store.close();
});

const run = async (env = {}): Promise<Worker> => {
  const worker = await startedWorker({ ...store.env, RELAYS: relay.url, ...env });
  workers.push(worker);
  return worker;
};

const connected = async (key: TestKey, token: string, url = relay.url): Promise<Nip46Client> => {
  const client = await Nip46Client.open(url, key.pubkey);
  expect(await client.request("connect", [key.pubkey, token])).toMatchObject({ result: "ack" });
  return client;
};

test("the log tells the start in order, and holds no secret", async () => {
  const [live, idle] = [await store.addKey(), await store.addKey()];
  const token = await store.addToken(live);
  const expired = await store.addToken(idle, { expiresIn: -1 });
  const worker = await run({ HEARTBEAT_INTERVAL_MS: "100", LOG_LEVEL: "trace" });
  await connected(live, token);
  await worker.logged(/^1 active bunkers, 1 of 1 relays connected, \d{4}-\d\d-\d\dT[\d:.]+Z$/);
  const said = worker.lines().map(({ msg }) => msg);
  const order = [
    "starting",
    "connecting to relays",
    "connected to 1 of 1 relays",
    "scanning",
    "found 2 keys",
    "found 1 non-expired tokens",
    `${live.npub} has valid tokens, will start`,
    `${live.npub} starting`,
    `${live.npub} created signer`,
    `${live.npub} started`,
    `bunker://${live.pubkey}?relay=${encodeURIComponent(relay.url)}`,
    "started 1 bunker",
  ];
  expect(said.filter((line) => order.includes(line))).toEqual(order);
  expect(said).toContain(`${idle.npub} has no valid tokens, skipping`);
  await worker.end();
  for (const secret of [token, expired, hex(live.secret), hex(idle.secret)]) {
    expect(worker.output()).not.toContain(secret);
  }
});

test("what Node warns of is a line of the log as well", async () => {
  // As Node's own about listeners, which hold what is listened to.
  const warning = "Object.assign(new Error('of this'), { name: 'Warning', emitter: process })";
  const warn = `setInterval(() => process.emitWarning(${warning}), 50).unref()`;
  const worker = await run({
    HIDDEN: "hunter2",
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(warn)}`,
  });
  expect(await worker.logged(/^Warning: of this$/)).toMatchObject({ level: 40 });
  expect(worker.output()).not.toContain("hunter2");
});

test("a key and a token inserted by SQL are served, and deleting the token ends it", async () => {
  const worker = await run();
  const key = await store.addKey();
  const token = await store.addToken(key);
  await worker.logged(new RegExp(`^${key.npub} started`));
  const client = await connected(key, token);
  expect(await client.request("ping")).toMatchObject({ result: "pong" });

  await store.sql('DELETE FROM "ConnectTokens" WHERE token = $1', [token]);
  expect(await client.request("ping")).toMatchObject({
    result: "",
    error: expect.stringMatching(/not connected/),
  });
  await worker.logged(new RegExp(`^${key.npub} stopped`));

  const another = await store.addToken(key);
  await worker.logged(new RegExp(`^${key.npub} started`), worker.lines().length - 1);
  await connected(key, another);
});

test("a key stops when its last token expires, without a scan", async () => {
  const worker = await run({ SCAN_INTERVAL_MS: "3600000" });
  const key = await store.addKey();
  const token = await store.addToken(key, { expiresIn: 1_500 });
  await worker.logged(new RegExp(`^${key.npub} started`));
  const client = await connected(key, token);
  await worker.logged(new RegExp(`^${key.npub} stopped`));
  expect(await client.request("ping")).toMatchObject({ error: expect.stringMatching(/has expired/) });
});

test("a token that is extended in time keeps its key, and what changes later is still followed", async () => {
  const worker = await run({ SCAN_INTERVAL_MS: "3600000" });
  const key = await store.addKey();
  const token = await store.addToken(key, { expiresIn: 1_000 });
  await worker.logged(new RegExp(`^${key.npub} started`));
  await store.sql('UPDATE "ConnectTokens" SET expiry = $2 WHERE token = $1', [token, Date.now() + 3_600_000]);
  await sleep(1_500);
  const later = await store.addKey();
  await store.addToken(later);
  await worker.logged(new RegExp(`^${later.npub} started`));
  const client = await connected(key, token);
  expect(await client.request("ping")).toMatchObject({ result: "pong" });
});

test("a token can narrow what its client may do", async () => {
  await run();
  const key = await store.addKey();
  const token = await store.addToken(key, { jsonData: { name: "notes only", perms: "sign_event:1" } });
  const broken = await store.addToken(key, { jsonData: { permissions: "all" } });
  const early = await store.addToken(key, { jsonData: { notBefore: Date.now() + 3_600_000 } });
  const client = await connected(key, token);
  const sign = (kind: number) =>
    client.request("sign_event", [
      JSON.stringify({ kind, content: "", tags: [], created_at: 1_700_000_000 }),
    ]);
  expect(JSON.parse(String((await sign(1)).result))).toMatchObject({ kind: 1, pubkey: key.pubkey });
  expect(await sign(0)).toMatchObject({ error: expect.stringMatching(/does not allow/) });
  expect(await client.request("nip44_encrypt", [key.pubkey, "x"])).toMatchObject({
    error: expect.stringMatching(/does not allow/),
  });
  for (const refused of [broken, early]) {
    const other = await Nip46Client.open(relay.url, key.pubkey);
    expect(await other.request("connect", [key.pubkey, refused])).toMatchObject({
      result: "",
      error: expect.any(String),
    });
  }
});

test("of many clients with one token at once, one is bound", async () => {
  await run();
  const key = await store.addKey();
  const token = await store.addToken(key);
  const clients = await Promise.all(
    Array.from({ length: 20 }, () => Nip46Client.open(relay.url, key.pubkey)),
  );
  const replies = await Promise.all(clients.map((client) => client.request("connect", [key.pubkey, token])));
  expect(replies.filter(({ result }) => result === "ack")).toHaveLength(1);
  const winner = clients[replies.findIndex(({ result }) => result === "ack")];
  expect(await winner?.request("connect", [key.pubkey, token])).toMatchObject({ result: "ack" });
});

test("CONNECT_POLICY=any lets every client in while the key has a live token, and says so", async () => {
  const worker = await run({ CONNECT_POLICY: "any" });
  expect(worker.lines().some(({ level, msg }) => level === 40 && msg.includes("EVERY client"))).toBe(true);
  const key = await store.addKey();
  const token = await store.addToken(key);
  await worker.logged(new RegExp(`^${key.npub} started`));
  const client = await Nip46Client.open(relay.url, key.pubkey);
  expect(await client.request("connect", [key.pubkey])).toMatchObject({ result: "ack" });
  expect(await client.request("get_public_key")).toMatchObject({ result: key.pubkey });
  await store.sql('DELETE FROM "ConnectTokens" WHERE token = $1', [token]);
  expect(await client.request("get_public_key")).toMatchObject({ error: expect.any(String) });
});

test("a key that cannot be opened is reported once, and the others run", async () => {
  const good = await store.addKey();
  const damaged = await store.addKey(() => "nsec1damaged");
  const stranger = await store.addKey(() => "11".repeat(32));
  const sealed = await store.addKey(() => `sealed:v1:00000000:${"A".repeat(80)}`);
  for (const key of [good, damaged, stranger, sealed]) await store.addToken(key);
  const worker = await run({ SCAN_INTERVAL_MS: "200" });
  const scans = () => worker.lines().filter(({ msg }) => msg === "scanning").length;
  await worker.logged(/^running 1 bunkers/);
  expect(scans()).toBeGreaterThan(1);
  for (const { npub } of [damaged, stranger, sealed]) {
    expect(worker.lines().filter(({ msg }) => msg.startsWith(`${npub} cannot be served`))).toHaveLength(1);
  }
});

test("garbage, oversized, stale and replayed events are dropped, and the next good request is answered", async () => {
  const worker = await run({ HEARTBEAT_INTERVAL_MS: "100" });
  const key = await store.addKey();
  const client = await connected(key, await store.addToken(key));
  const now = Math.floor(Date.now() / 1000);
  const ping = JSON.stringify({ id: "again", method: "ping", params: [] });

  const good = client.event(ping);
  const first = client.replyTo("again");
  client.publish(good);
  await first;
  client.publish(good);
  client.publish(client.event(ping, { createdAt: now - 600 }));
  client.publish(client.event(ping, { createdAt: now + 600 }));
  client.publish(client.event("", { content: "x".repeat(200_000) }));
  client.publish({ ...good, id: 5 });
  client.publish({ tags: [["p", key.pubkey]] });
  client.publish(null);
  client.sendFrame(["EVENT"]);
  for (const text of ["[]", "{}", "null", "0", '"text"', `{"id":"x","method":7}`, "{".repeat(1_000)]) {
    client.publish(client.event(text));
  }
  expect(await client.request("ping")).toMatchObject({ result: "pong" });
  expect(client.replies.filter(({ id }) => id === "again")).toHaveLength(1);
  const before = worker.lines().length;
  const { requests } = await worker.logged(/active bunkers/, before);
  expect(requests).toMatchObject({ duplicate: 1, stale: 2, failed: 0, answered: 3 });
});

test("the same client is answered after the relay was away, and a request sent meanwhile too", async () => {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-test-"));
  let edge = await startEdge({ persist: folder });
  const port = Number(edge.url.port);
  const key = await store.addKey();
  const token = await store.addToken(key);
  const worker = await run({ RELAYS: relayUrl(edge) });
  const first = await connected(key, token, relayUrl(edge));
  const { secret, pubkey } = first;
  const before = worker.lines().length;
  await edge.close();
  await worker.logged(/lost the relay/, before);
  edge = await startEdge({ port, persist: folder });
  const back = performance.now();
  const again = await Nip46Client.open(relayUrl(edge), key.pubkey, secret);
  expect(again.pubkey).toBe(pubkey);
  // Sent perhaps before the worker is back: the relay keeps it until then.
  expect(await again.request("ping")).toMatchObject({ result: "pong" });
  expect(performance.now() - back).toBeLessThan(2_000);
  await again.close();
  await worker.end();
  await edge.close();
  await rm(folder, { recursive: true });
});

/** What a `connect` waits in, as opposed to a scan. */
const READING_TOKEN = `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%"token" = $1%'`;

/** A request that is in hand and stays there, until the lock that it waits for is released. */
const blockedRequest = async (worker: Worker) => {
  const key = await store.addKey();
  const token = await store.addToken(key);
  await worker.logged(new RegExp(`^${key.npub} started`));
  const client = await Nip46Client.open(relay.url, key.pubkey);
  await store.sql("BEGIN");
  await store.sql('LOCK TABLE "ConnectTokens" IN ACCESS EXCLUSIVE MODE');
  const reply = client.request("connect", [key.pubkey, token]);
  const isWaiting = async () => {
    await store.sql("SELECT pg_stat_clear_snapshot()");
    return (await store.sql(READING_TOKEN)).length > 0;
  };
  await expect.poll(isWaiting).toBe(true);
  return { reply, release: () => store.sql("ROLLBACK") };
};

test.each(["SIGTERM", "SIGINT"] as const)("%s finishes what is in hand and exits 0", async (signal) => {
  const worker = await run();
  const { reply, release } = await blockedRequest(worker);
  const ended = worker.end(signal);
  await worker.logged(/^stopping/);
  await release();
  expect(await reply).toMatchObject({ result: "ack" });
  expect(await ended).toBe(0);
  expect(worker.lines().at(-1)?.msg).toBe(`stopped: ${signal}`);
});

test("a second signal ends it at once", async () => {
  const worker = await run();
  const { release } = await blockedRequest(worker);
  worker.process.kill("SIGTERM");
  await worker.logged(/^stopping/);
  const exited = once(worker.process, "exit");
  // npm passes a signal on a second time, so those of the same moment are one: this is somebody impatient.
  const insisting = setInterval(() => worker.process.kill("SIGTERM"), 50);
  expect(await exited).toEqual([143, null]);
  clearInterval(insisting);
  await release();
});

test("every variable that is wrong is named at once, with a way out", async () => {
  const worker = startWorker({
    DATABASE_URL: "mysql://x",
    RELAYS: "http://x",
    SCAN_INTERVAL_MS: "soon",
    MASTER_KEY: "1234",
  });
  expect(await once(worker.process, "close")).toEqual([2, null]);
  for (const name of ["DATABASE_URL", "RELAYS", "SCAN_INTERVAL_MS", "MASTER_KEY", "--help"]) {
    expect(worker.output()).toContain(name);
  }
  expect(worker.output()).not.toContain("1234");
});

test("a database that cannot be reached ends the start, with the reason and without the password", async () => {
  const worker = startWorker({ DATABASE_URL: "postgresql://user:hunter2@127.0.0.1:1/none" });
  expect(await once(worker.process, "close")).toEqual([1, null]);
  expect(worker.lines().at(-1)?.msg).toMatch(/127\.0\.0\.1:1/);
  expect(worker.output()).not.toContain("hunter2");
});
