/** What an operator's machines are told: metrics, readiness, and whether relays deliver. */
import { npubEncode } from "nostr-tools/nip19";
import { verifyEvent } from "nostr-tools/pure";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createStore, hex, type TestKey, type TestStore } from "../support/bunker.ts";
import { type DeafRelay, startDeafRelay } from "../support/deaf-relay.ts";
import { type Monitored, monitored } from "../support/monitoring.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { takeAway } from "../support/outage.ts";
import { startedWorker, type Worker } from "../support/worker.ts";

let store: TestStore;
let relay: DeafRelay;
let key: TestKey;
let token: string;
let worker: Worker;
let clients: Nip46Client[];

beforeEach(async () => {
  [store, relay] = await Promise.all([createStore(), startDeafRelay()]);
  key = await store.addKey();
  token = await store.addToken(key);
  clients = [];
});

afterEach(async () => {
  for (const client of clients) await client.close();
  await worker?.end("SIGKILL");
  await relay.close();
  await store.close();
});

const run = async (env = {}): Promise<Monitored> => {
  worker = await startedWorker({
    ...store.env,
    RELAYS: relay.url,
    HTTP_PORT: "0",
    HEARTBEAT_INTERVAL_MS: "100",
    ...env,
  });
  return monitored(worker);
};
const open = async (): Promise<Nip46Client> => {
  const client = await Nip46Client.open(relay.url, key.pubkey);
  clients.push(client);
  return client;
};

test("metrics count requests and refusals by few labels, and hold no secret and no name of a client", async () => {
  const pages = await run();
  await pages.becomes(200);
  const client = await open();
  await client.request("connect", [key.pubkey, token]);
  await client.request("ping");
  await client.request("ping");
  await client.request("x".repeat(60));
  const stranger = await open();
  await stranger.request("get_public_key");
  await stranger.request("connect", [key.pubkey, "guessed"]);
  stranger.publish(stranger.event("", { content: "garbage" }));
  await stranger.request("ping");

  const samples = await pages.metrics();
  expect(
    Object.fromEntries([...samples].filter(([name]) => name.startsWith("satoshigle_requests_total"))),
  ).toEqual({
    'satoshigle_requests_total{method="connect",outcome="ok"}': 1,
    'satoshigle_requests_total{method="ping",outcome="ok"}': 2,
    'satoshigle_requests_total{method="unknown",outcome="refused"}': 1,
    'satoshigle_requests_total{method="get_public_key",outcome="refused"}': 1,
    'satoshigle_requests_total{method="connect",outcome="refused"}': 1,
    'satoshigle_requests_total{method="ping",outcome="refused"}': 1,
  });
  expect(
    Object.fromEntries([...samples].filter(([name]) => name.startsWith("satoshigle_refusals_total"))),
  ).toEqual({
    'satoshigle_refusals_total{reason="unknown_method"}': 1,
    'satoshigle_refusals_total{reason="not_connected"}': 2,
    'satoshigle_refusals_total{reason="unknown_token"}': 1,
  });
  expect(samples.get("satoshigle_request_duration_seconds_count")).toBe(7);
  expect(samples.get('satoshigle_events_dropped_total{reason="garbage"}')).toBe(1);
  expect(samples.get('satoshigle_keys{state="running"}')).toBe(1);
  expect(samples.get(`satoshigle_relay_connected{relay="${relay.url}"}`)).toBe(1);
  expect(samples.get(`satoshigle_relay_deaf_keys{relay="${relay.url}"}`)).toBe(0);
  expect(samples.get(`satoshigle_subscriptions{relay="${relay.url}",state="confirmed"}`)).toBe(1);
  expect(samples.get("satoshigle_database_up")).toBe(1);
  expect(samples.has("nodejs_eventloop_lag_seconds")).toBe(true);
  expect(samples.has("process_resident_memory_bytes")).toBe(true);

  for (const path of ["/metrics", "/ready", "/health"]) {
    const body = await (await fetch(pages.url + path)).text();
    for (const secret of [token, hex(key.secret), client.pubkey, npubEncode(client.pubkey)]) {
      expect(body).not.toContain(secret);
    }
  }
});

test("a relay that is away is told of, and heard again when it is back", async () => {
  const pages = await run();
  const before = await pages.becomes(200);
  expect(before.relays).toMatchObject([{ url: relay.url, connected: true, heardAt: expect.any(String) }]);
  expect(before).toMatchObject({
    database: { up: true },
    keys: { running: 1, leaving: 0, broken: 0, unheard: 0 },
  });
  expect(before.scan.ageMs).toBeLessThan(30_000);

  await relay.close();
  const away = await pages.becomes(503);
  expect(away.relays).toMatchObject([{ url: relay.url, ready: false, connected: false }]);
  expect((await pages.metrics()).get(`satoshigle_relay_connected{relay="${relay.url}"}`)).toBe(0);

  relay = await startDeafRelay(relay.port);
  await pages.becomes(200);
});

test("a database that is away is told of, until it is back", async () => {
  const pages = await run();
  await pages.becomes(200);
  const { giveBack } = await takeAway(store.database);
  try {
    expect(await pages.becomes(503)).toMatchObject({ database: { up: false }, relays: [{ ready: true }] });
    expect((await pages.metrics()).get("satoshigle_database_up")).toBe(0);
    expect((await fetch(`${pages.url}/health`)).status).toBe(200);
  } finally {
    await giveBack();
  }
  await pages.becomes(200);
});

test("a relay that refuses subscriptions is told of with its reason, until it takes them", async () => {
  relay.closes = true;
  const pages = await run();
  await worker.logged(/refused a subscription/);
  const { status, state } = await pages.ready();
  expect(status).toBe(503);
  expect(state).toMatchObject({
    relays: [{ connected: true, ready: false, refusal: "blocked: not for you" }],
    keys: { running: 1, unheard: 1 },
  });
  relay.closes = false;
  expect(await pages.becomes(200)).toMatchObject({ relays: [{ refusal: null }], keys: { unheard: 0 } });
});

test("a key that cannot be opened is counted", async () => {
  const broken = await store.addKey(() => "no secret at all");
  await store.addToken(broken);
  const pages = await run();
  expect((await pages.becomes(200)).keys).toEqual({ running: 1, leaving: 0, broken: 1, unheard: 0 });
  expect((await pages.metrics()).get('satoshigle_keys{state="broken"}')).toBe(1);
});

test("whatever else is asked for gets an error that tells nothing", async () => {
  const { url } = await run();
  const status = async (path: string, init?: RequestInit) => (await fetch(url + path, init)).status;
  expect(await status("/health")).toBe(200);
  expect(await status("/health?x=1")).toBe(200);
  expect(await status("/health", { method: "HEAD" })).toBe(200);
  expect(await status("/")).toBe(404);
  expect(await status("/.well-known/nostr.json")).toBe(404);
  expect(await status("/__proto__")).toBe(404);
  expect(await status("/health/../../etc/passwd")).toBe(404);
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
    expect(await status("/ready", { method })).toBe(405);
  }
  expect(await status(`/${"x".repeat(9_000)}`)).toBe(431);
  expect(await status("/health", { headers: { "x-long": "x".repeat(9_000) } })).toBe(431);
  expect(await status("/health")).toBe(200);
});

test("a signer that is to be found announces itself, by NIP-05 and NIP-89", async () => {
  const { url } = await run({
    SIGNER_NPUB: key.npub,
    SIGNER_NAME: "A signer",
    SIGNER_URL: "https://signer.example/",
  });
  const response = await fetch(`${url}/.well-known/nostr.json?name=_`);
  expect(response.headers.get("access-control-allow-origin")).toBe("*");
  expect(await response.json()).toEqual({ names: { _: key.pubkey }, nip46: { relays: [relay.url] } });

  await worker.logged(/^announced the signer/);
  await expect.poll(() => relay.events.some(({ kind }) => kind === 31_990)).toBe(true);
  const event = relay.events.find(({ kind }) => kind === 31_990);
  if (!event) throw new Error("nothing was announced");
  expect(verifyEvent(event)).toBe(true);
  expect(event).toMatchObject({
    pubkey: key.pubkey,
    tags: [
      ["d", "remote-signer"],
      ["k", "24133"],
      ["relay", relay.url],
    ],
  });
  expect(JSON.parse(event.content)).toEqual({
    name: "A signer",
    website: "https://signer.example/",
    nip05: "_@signer.example",
  });
});
