/** The operator's command line on a real database, and a worker that follows it. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { npubEncode, nsecEncode } from "nostr-tools/nip19";
import { encrypt as encryptNip49 } from "nostr-tools/nip49";
import { generateSecretKey, getPublicKey } from "nostr-tools/pure";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createStore, hex, newKey, type TestKey, type TestStore } from "../support/bunker.ts";
import { type CappedRelay, startCappedRelay } from "../support/capped-relay.ts";
import { type Cli, cliWith, startCli } from "../support/cli.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { startedWorker, type Worker } from "../support/worker.ts";

// Each test starts many processes, and the tests run side by side.
vi.setConfig({ testTimeout: 90_000 });

const MASTER_KEY = "ab".repeat(32);
const OTHER_MASTER_KEY = "cd".repeat(32);
const DAY_MS = 86_400_000;

let store: TestStore;
let relay: CappedRelay;
let worker: Worker;
let cli: Cli;

beforeAll(async () => {
  [store, relay] = await Promise.all([createStore(), startCappedRelay(1_000)]);
  const env = { ...store.env, RELAYS: relay.url, MASTER_KEY };
  worker = await startedWorker(env);
  cli = cliWith(env);
});
afterAll(async () => {
  await worker?.end();
  await Promise.all([store?.close(), relay?.close()]);
});

/** The one document that a command prints with --json. */
const json = async (args: string[], input?: string) => {
  const { code, stdout, stderr } = await cli(["--json", ...args], input);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
};

const signRequest = [JSON.stringify({ kind: 1, content: "hello", tags: [], created_at: 1_700_000_000 })];
const ask = (client: Nip46Client) => client.request("sign_event", signRequest);

const addKey = async (): Promise<TestKey & { prefix: string }> => {
  const key = newKey();
  const secret = `  ${nsecEncode(key.secret)}\n`;
  expect(await json(["key", "add", "--import"], secret)).toEqual({ npub: key.npub });
  return { ...key, prefix: key.npub.slice(0, 14) };
};
const secretIn = (uri: string): string => new URL(uri).searchParams.get("secret") ?? "";

test.concurrent("a token that was issued connects a client, is listed without its secret, extended, and revoked", async () => {
  const key = await addKey();
  const args = ["token", "issue", "--npub", key.prefix, "--expires", "12h", "--name", "phone"];
  const issued = await json([...args, "--perms", "sign_event:1,nip44_encrypt", "--uses", "5"]);
  expect(issued).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{12}$/),
    npub: key.npub,
    uri: expect.stringContaining(`bunker://${key.pubkey}?relay=${encodeURIComponent(relay.url)}&secret=`),
    expires: expect.any(Number),
  });
  await worker.logged(new RegExp(`^${key.npub} started`));
  const client = await Nip46Client.open(relay.url, key.pubkey);
  const said = ["", JSON.stringify({ name: "An \u001b[31mapp" })];
  expect(await client.request("connect", [key.pubkey, secretIn(issued.uri), ...said])).toMatchObject({
    result: "ack",
  });
  expect((await ask(client)).error).toBeUndefined();

  const [[listed], [known], inText] = await Promise.all([
    json(["token", "list", "--npub", key.prefix]),
    json(["client", "list", "--npub", key.npub]),
    cli(["token", "list"]),
  ]);
  const clientNpub = npubEncode(client.pubkey);
  expect(listed).toEqual({
    id: issued.id,
    npub: key.npub,
    state: "connected",
    name: "phone",
    perms: "sign_event:1,nip44_encrypt",
    uses: 5,
    usesPerMinute: null,
    notBefore: null,
    issued: expect.any(Number),
    expires: issued.expires,
    revoked: null,
    client: clientNpub,
    clientInfo: { name: "An \u001b[31mapp" },
    connected: expect.any(Number),
    asked: null,
    spent: 1,
  });
  expect(known).toEqual({
    client: clientNpub,
    npub: key.npub,
    clientInfo: { name: "An \u001b[31mapp" },
    tokens: 1,
    connected: listed.connected,
    expires: issued.expires,
    stopped: null,
  });
  expect(inText.stdout).toContain("An \ufffd[31mapp");
  expect(inText.stdout).not.toContain(secretIn(issued.uri));

  const extended = await json(["token", "extend", issued.id.slice(0, 8), "--expires", "30d"]);
  expect(extended.expires - Date.now()).toBeGreaterThan(29 * DAY_MS);
  const shortened = await cli(["token", "extend", issued.id, "--expires", "1h"]);
  expect(shortened).toMatchObject({ code: 1, stderr: expect.stringMatching(/lasts until .* already/) });

  // The token itself comes in on standard input.
  expect(await json(["token", "revoke", "-"], secretIn(issued.uri))).toMatchObject({ id: issued.id });
  expect(await ask(client)).toMatchObject({ result: "", error: expect.stringMatching(/revoked/) });
  const [all, again] = await Promise.all([
    json(["token", "list", "--all", "--npub", key.npub]),
    cli(["token", "extend", issued.id, "--expires", "60d"]),
  ]);
  expect(all).toMatchObject([{ state: "revoked", revoked: expect.any(Number) }]);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringMatching(/revoked, for good/) });
  await client.close();
});

test.concurrent("a person is shown the URI, and a code to scan", async () => {
  const key = await store.addKey();
  const { stdout } = await cli([
    "token",
    "issue",
    "--npub",
    key.npub,
    "--not-before",
    "1d",
    "--expires",
    "2d",
  ]);
  const [uri, code] = stdout.split("\n");
  expect(uri).toMatch(new RegExp(`^bunker://${key.pubkey}\\?relay=[^&]+&secret=[0-9a-f]{32}$`));
  expect(code).toMatch(/^[ ▀▄█]+$/);
  expect(await json(["token", "list", "--npub", key.npub])).toMatchObject([
    { state: "not yet valid", perms: null },
  ]);
});

test.concurrent("plain secrets are sealed in place, then anew under another master key", async () => {
  const own = await createStore();
  const other = cliWith({ ...own.env, MASTER_KEY });
  try {
    const plain = await own.addKey();
    const nsec = await own.addKey(({ secret }) => nsecEncode(secret));
    const wrong = await own.addKey(() => hex(generateSecretKey()));
    const read = async ({ npub }: TestKey) => {
      const [row] = await own.sql('SELECT ncryptsec FROM "Keys" WHERE npub = $1', [npub]);
      return String(row?.ncryptsec);
    };
    expect(JSON.parse((await other(["key", "list", "--json"])).stdout)).toContainEqual({
      npub: nsec.npub,
      atRest: ["nsec"],
      tokens: 0,
      expires: null,
      stopped: null,
    });
    const sealing = await other(["key", "seal", "--json"]);
    expect(sealing.code).toBe(1);
    expect(JSON.parse(sealing.stdout)).toEqual({
      sealed: 2,
      unchanged: 0,
      failed: [{ npub: wrong.npub, reason: "the secret belongs to another npub" }],
    });
    const before = [await read(plain), await read(nsec)];
    for (const value of before) expect(value).toMatch(/^sealed:v1:/);

    await own.sql('DELETE FROM "Keys" WHERE npub = $1', [wrong.npub]);
    const rotated = await other(["key", "rotate", "--json"], "", {
      MASTER_KEY: `${OTHER_MASTER_KEY},${MASTER_KEY}`,
    });
    expect(JSON.parse(rotated.stdout)).toEqual({ sealed: 2, unchanged: 0, failed: [] });
    expect([await read(plain), await read(nsec)]).not.toEqual(before);
    const under = { MASTER_KEY: OTHER_MASTER_KEY };
    expect(JSON.parse((await other(["key", "rotate", "--json"], "", under)).stdout)).toMatchObject({
      unchanged: 2,
    });
    expect((await other(["key", "rotate"])).stdout).toMatch(/could not seal 2[\s\S]*sealed under master key/);
  } finally {
    await own.close();
  }
});

const connect = async ({ npub }: TestKey, perms: string, offer: string) => {
  const args = ["connect", npub.slice(0, 14), "--expires", "1d", "--perms", perms, "--json"];
  const { code, stdout, stderr } = await cli(args, offer);
  expect(stdout + stderr).not.toContain("0s8j2djs");
  return { code, stderr, document: JSON.parse(stdout) };
};
const offerOf = (pubkey: string, relay: string): string =>
  `nostrconnect://${pubkey}?relay=${encodeURIComponent(relay)}&secret=0s8j2djs` +
  "&perms=sign_event%2Cnip04_decrypt&name=An+app";

test.concurrent("a client that shows a URI gets what it asks for and is allowed, and is greeted", async () => {
  const key = await store.addKey();
  const client = await Nip46Client.open(relay.url, key.pubkey);
  const { code, document } = await connect(key, "sign_event:1", offerOf(client.pubkey, relay.url));
  expect({ code, document }).toEqual({
    code: 0,
    document: {
      id: expect.stringMatching(/^[0-9a-f]{12}$/),
      npub: key.npub,
      client: npubEncode(client.pubkey),
      clientInfo: { name: "An app" },
      relays: [relay.url],
      asked: "sign_event,nip04_decrypt",
      perms: "sign_event:1",
      gets: ["sign_event:1"],
      expires: expect.any(Number),
      greeted: true,
    },
  });
  expect((await ask(client)).error).toBeUndefined();
  expect(client.replies).toContainEqual(expect.objectContaining({ result: "0s8j2djs" }));
  await client.close();
});

test.concurrent("a client that is not greeted within 10 s waits in the database", async () => {
  const [key, offering] = [await store.addKey(), newKey()];
  const nobody = "ws://127.0.0.1:9";
  const offer = offerOf(offering.pubkey, nobody);
  const { code, stderr, document } = await connect(key, "nip04_encrypt,nip04_decrypt", offer);
  expect(code).toBe(1);
  expect(document).toMatchObject({ greeted: false, gets: ["nip04_decrypt"] });
  expect(JSON.parse(stderr)).toEqual({ error: expect.stringContaining(`token revoke ${document.id}`) });
  const [row] = await store.sql('SELECT * FROM "ConnectTokens" WHERE npub = $1', [key.npub]);
  expect(row).toMatchObject({
    subNpub: offering.npub,
    relays: [nobody],
    greeting: "0s8j2djs",
    asked: "sign_event,nip04_decrypt",
  });
});

test.concurrent("keys come in on standard input in every form, and none goes in twice", async () => {
  const [made, secret] = [await json(["key", "add"]), generateSecretKey()];
  expect(made.npub).toMatch(/^npub1/);
  const npub = npubEncode(getPublicKey(secret));
  const ncryptsec = encryptNip49(secret, "a passphrase", 4);
  const opened = await cli(["key", "add", "--import"], ncryptsec, { NCRYPTSEC_PASSPHRASE: "a passphrase" });
  expect(opened.stdout).toContain(npub);
  const twice = await cli(["key", "add", "--import"], hex(secret));
  expect(twice).toMatchObject({ code: 1, stderr: expect.stringMatching(/is there already/) });
  const damaged = await cli(["key", "add", "--import"], `${nsecEncode(secret)}x`);
  expect(damaged.code).toBe(1);
  const without = await cli(["key", "add"], "", { MASTER_KEY: "" });
  expect(without).toMatchObject({ code: 2, stderr: expect.stringMatching(/openssl rand -hex 32/) });
  const argued = await cli(["key", "add", nsecEncode(secret)]);
  expect(argued).toMatchObject({ code: 2, stderr: expect.stringMatching(/must not be an argument/) });
  for (const { stdout, stderr } of [opened, twice, damaged, without, argued]) {
    for (const part of [hex(secret), nsecEncode(secret), ncryptsec]) {
      expect(stdout + stderr).not.toContain(part.slice(0, 20));
    }
  }
});

test.concurrent("a mistake is explained, with a way out and its exit code", async () => {
  const twins = ["a", "b"].map((last) => `npub1zzzz${"q".repeat(53)}${last}`);
  for (const npub of twins) await store.sql('INSERT INTO "Keys" (npub) VALUES ($1)', [npub]);
  const cases: [string[], number, RegExp][] = [
    [
      ["token", "issue", "--npub", "npub1zzzz"],
      2,
      new RegExp(`More than one key[^]*${twins[0]}[^]*${twins[1]}`),
    ],
    [["key", "disable", "npub1zzzzzzzz"], 1, /There is no such key\. `key list` shows all\./],
    [["key", "disable", "alice"], 2, /not an npub/],
    [["token", "revoke", "f".repeat(32)], 2, /not the id of a token/],
    [["token", "revoke", "0123abcd"], 1, /no such token/],
    [["token", "issue", "--npub", "npub1zzzz", "--expires", "soon"], 2, /30d/],
    [
      ["token", "issue", "--npub", "npub1zzzz", "--perms", "sign_events"],
      2,
      /no permission sign_events.*sign_event/,
    ],
    [["stop"], 2, /stop --all/],
    [["connect", "npub1zzzz", "-"], 2, /More than one key/],
    [["keys"], 2, /Did you mean key/],
  ];
  const results = await Promise.all(cases.map(([args]) => cli(args)));
  for (const [index, [, code, message]] of cases.entries()) {
    expect(results[index]).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(message) });
  }
  const failed = await cli(["key", "disable", "npub1zzzz", "--json"]);
  expect(JSON.parse(failed.stderr)).toEqual({ error: expect.stringMatching(/^More than one key/) });
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-cli-"));
  expect(await cliWith({}, folder)(["status"])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/DATABASE_URL/),
  });
  await rm(folder, { recursive: true });
  const away = await cliWith({ DATABASE_URL: "postgresql://me:hidden@127.0.0.1:1/x" })(["status"]);
  expect(away).toMatchObject({ code: 1, stderr: expect.stringMatching(/cannot connect.*127\.0\.0\.1:1/) });
  expect(away.stderr).not.toContain("hidden");
});

test.concurrent("the audit log is read and followed until Ctrl-C", async () => {
  const [key, client] = [newKey().npub, newKey().npub];
  const write = (method: string) =>
    store.sql(
      'INSERT INTO "AuditLog" (at, npub, client, method, kind, outcome) VALUES ($1, $2, $3, $4, 1, $5)',
      [Date.now(), key, client, method, "ok"],
    );
  await store.sql('INSERT INTO "Keys" (npub) VALUES ($1)', [key]);
  await write("ping");
  await write("sign_event");
  const args = ["log", "--json", "-f", "--npub", key.slice(0, 20), "--client", client, "--limit", "1"];
  const child = startCli(args, store.env);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value ?? "null");
  expect(await next()).toEqual({
    id: expect.any(Number),
    at: expect.any(Number),
    npub: key,
    client,
    method: "sign_event",
    kind: 1,
    eventId: null,
    outcome: "ok",
  });
  await write("nip44_encrypt");
  expect(await next()).toMatchObject({ method: "nip44_encrypt" });
  child.kill("SIGINT");
  expect(await once(child, "exit")).toEqual([130, null]);
});

test("keys, clients and everything are stopped and started, from the next request on", async () => {
  const key = await store.addKey();
  const token = await store.addToken(key);
  const client = await Nip46Client.open(relay.url, key.pubkey);
  await worker.logged(new RegExp(`^${key.npub} started`));
  expect(await client.request("connect", [key.pubkey, token])).toMatchObject({ result: "ack" });
  const npub = npubEncode(client.pubkey);
  for (const [off, on, subject, reason] of [
    [["key", "disable", key.npub.slice(0, 14)], ["key", "enable", key.npub], key.npub, /the key is stopped/],
    [["client", "stop", npub.slice(0, 20)], ["client", "start", npub], npub, /the client is stopped/],
    [["stop", "--all"], ["start", "--all"], "*", /everything is stopped/],
  ] as const) {
    expect(await json([...off])).toEqual({ subject, stopped: true });
    expect(await ask(client)).toMatchObject({ result: "", error: expect.stringMatching(reason) });
    expect(await json([...on])).toEqual({ subject, stopped: false });
    expect((await ask(client)).error).toBeUndefined();
  }
  expect(await json(["client", "revoke", npub])).toEqual({ client: npub, revoked: 1 });
  expect(await ask(client)).toMatchObject({ error: expect.stringMatching(/revoked/) });
  await client.close();
});

test.concurrent("status counts what there is", async () => {
  const own = await createStore();
  const key = await own.addKey();
  await own.addToken(await own.addKey(), { expiresIn: -1 });
  await own.addToken(key);
  await own.sql('UPDATE "ConnectTokens" SET revoked = 1 WHERE token = $1', [await own.addToken(key)]);
  await own.sql('INSERT INTO "Stops" (subject, since) VALUES ($1, 5), ($2, 6)', ["*", key.npub]);
  const { stdout } = await cliWith({ ...own.env, RELAYS: relay.url })(["--json", "status"]);
  expect(JSON.parse(stdout)).toEqual({
    database: new URL(own.database.url).host,
    relays: [relay.url],
    stopped: 5,
    keys: { all: 2, live: 1, stopped: 1, unsealed: 2, noSecret: 0 },
    tokens: { live: 1, unused: 1, waiting: 0, expired: 1, revoked: 1 },
    clients: 0,
    lastRequest: null,
    workers: [],
    unserved: 32,
  });
  await own.close();
});
