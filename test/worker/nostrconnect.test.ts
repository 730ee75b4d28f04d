/** Connections that clients begin (`nostrconnect://`), over relays that the worker does not know of beforehand. */
import { randomBytes } from "node:crypto";
import NDK, { NDKEvent, NDKNip46Signer, NDKPrivateKeySigner } from "@nostr-dev-kit/ndk";
import { npubEncode } from "nostr-tools/nip19";
import { BunkerSigner, createNostrConnectURI } from "nostr-tools/nip46";
import { SimplePool } from "nostr-tools/pool";
import { generateSecretKey, getPublicKey, verifyEvent } from "nostr-tools/pure";
import { NostrRelay } from "snstr/utils/ephemeral-relay";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseOffer } from "../../worker/nostrconnect.ts";
import { createStore, newKey, type TestKey, type TestStore } from "../support/bunker.ts";
import { type CappedRelay, startCappedRelay } from "../support/capped-relay.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { startedWorker, type Worker } from "../support/worker.ts";

let store: TestStore;
/** The worker's, and one that only the client names. */
let own: CappedRelay;
let other: CappedRelay;
let key: TestKey;
const closing: (() => unknown)[] = [];

beforeEach(async () => {
  [store, own, other] = await Promise.all([createStore(), startCappedRelay(1_000), startCappedRelay(1_000)]);
  key = await store.addKey();
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await Promise.all([own.close(), other.close()]);
  await store.close();
});

const run = async (): Promise<Worker> => {
  const worker = await startedWorker({ ...store.env, RELAYS: own.url });
  closing.push(() => worker.end("SIGKILL"));
  return worker;
};

/** What an operator does with a URI: a token that is bound to its client, to be greeted. Returns the token. */
const accept = async (uri: string): Promise<string> => {
  const { client, relays, secret, perms } = parseOffer(uri);
  const token = randomBytes(12).toString("hex");
  await store.sql(
    `INSERT INTO "ConnectTokens" (token, npub, timestamp, expiry, "subNpub", asked, relays, greeting)
     VALUES ($1, $2, $3, $4, $5, $6, ARRAY(SELECT jsonb_array_elements_text($7::jsonb)), $8)`,
    [
      token,
      key.npub,
      Date.now(),
      Date.now() + 3_600_000,
      npubEncode(client),
      perms,
      JSON.stringify(relays),
      secret,
    ],
  );
  return token;
};

const rawUri = (client: Nip46Client, relay: string, secret = "a-secret") =>
  createNostrConnectURI({ clientPubkey: client.pubkey, relays: [relay], secret });

const rawClient = async (relay: string): Promise<Nip46Client> => {
  const client = await Nip46Client.open(relay, key.pubkey);
  closing.push(() => client.close());
  return client;
};

const greetings = (client: Nip46Client, secret = "a-secret") =>
  client.replies.filter(({ result }) => result === secret);

test("a client is greeted once by one of two workers, served on its relay, and told of better ones", async () => {
  const workers = await Promise.all([run(), run()]);
  const client = await rawClient(other.url);
  const before = other.connections();
  const token = await accept(rawUri(client, other.url));
  await expect.poll(() => greetings(client)).toMatchObject([{ scheme: "nip44", id: expect.any(String) }]);
  expect(await client.request("ping")).toMatchObject({ result: "pong" });
  expect(await client.request("switch_relays")).toMatchObject({ result: JSON.stringify([own.url]) });

  const row = async () =>
    (await store.sql('SELECT greeting, connected FROM "ConnectTokens" WHERE token = $1', [token]))[0];
  await expect.poll(row).toMatchObject({ greeting: null, connected: expect.anything() });
  const moved = await Nip46Client.open(own.url, key.pubkey, client.secret);
  closing.push(() => moved.close());
  expect(await moved.request("get_public_key")).toMatchObject({ result: key.pubkey });

  // Both have left the client's relay when no live token names it any more.
  await store.sql('UPDATE "ConnectTokens" SET revoked = 1 WHERE token = $1', [token]);
  await store.addToken(key);
  await expect.poll(() => other.connections(), { timeout: 5_000 }).toBe(before);
  expect(greetings(client)).toHaveLength(1);
  const said = workers.flatMap((worker) => worker.lines().filter(({ msg }) => msg === "greeted a client"));
  expect(said).toHaveLength(1);
  for (const worker of workers) expect(worker.output()).not.toContain("a-secret");
});

test("a client on the worker's own relay is told to stay", async () => {
  await run();
  const client = await rawClient(own.url);
  await accept(rawUri(client, `${own.url}/`));
  await expect.poll(() => greetings(client)).toHaveLength(1);
  expect(await client.request("switch_relays")).toMatchObject({ result: "null" });
  expect(own.connections()).toBe(2);
});

test("a relay that is away at first gets the greeting when it is there", async () => {
  const worker = await run();
  const relay = await new NostrRelay(0).start();
  const { port, url } = { port: Number(new URL(relay.url).port), url: relay.url };
  await relay.close();
  const client = newKey();
  await accept(
    createNostrConnectURI({ clientPubkey: client.pubkey, relays: [url], secret: "while-it-was-away" }),
  );
  await worker.logged(/cannot connect to the relay/);
  const again = await new NostrRelay(port).start();
  closing.push(() => again.close());
  const late = await Nip46Client.open(url, key.pubkey, client.secret);
  closing.push(() => late.close());
  await worker.logged(/^greeted a client/);
  expect(await late.request("ping")).toMatchObject({ result: "pong" });
  expect(greetings(late, "while-it-was-away").length).toBeLessThanOrEqual(1);
});

test("a worker that starts later greets too, unless signing is stopped", async () => {
  const client = await rawClient(other.url);
  await accept(rawUri(client, other.url));
  await store.sql(`INSERT INTO "Stops" (subject, since) VALUES ('*', 0)`);
  const worker = await run();
  await expect.poll(() => other.connections()).toBe(2);
  expect(await client.request("ping")).toMatchObject({ error: expect.stringMatching(/stopped/) });
  expect(greetings(client)).toEqual([]);
  await store.sql('DELETE FROM "Stops"');
  await worker.logged(/^greeted a client/);
  await expect.poll(() => greetings(client)).toHaveLength(1);
});

test("nostr-tools begins a connection, moves to the worker's relays, and signs", async () => {
  await run();
  const secretKey = generateSecretKey();
  const uri = createNostrConnectURI({
    clientPubkey: getPublicKey(secretKey),
    relays: [other.url],
    secret: "of-nostr-tools",
    perms: ["sign_event:1"],
    name: "A client",
  });
  const pool = new SimplePool();
  closing.push(() => pool.destroy());
  const connecting = BunkerSigner.fromURI(secretKey, uri, { pool });
  await expect.poll(() => other.connections()).toBe(1);
  await accept(uri);
  const signer = await connecting;
  expect(signer.bp.relays).toEqual([own.url]);
  expect(await signer.getPublicKey()).toBe(key.pubkey);
  const draft = { kind: 1, content: "hello", tags: [], created_at: Math.floor(Date.now() / 1_000) };
  expect(verifyEvent(await signer.signEvent(draft))).toBe(true);
  await expect(signer.signEvent({ ...draft, kind: 0 })).rejects.toMatch(/did not ask/);
  await signer.close();
});

test("NDK begins a connection, moves to the worker's relays, and signs", async () => {
  await run();
  const ndk = new NDK();
  const signer = NDKNip46Signer.nostrconnect(ndk, other.url, NDKPrivateKeySigner.generate(), { name: "NDK" });
  const ready = signer.blockUntilReady();
  await expect.poll(() => other.taken.length).toBe(1);
  await accept(signer.nostrConnectUri ?? "");
  const user = await ready;
  expect(user.pubkey).toBe(key.pubkey);
  expect(signer.relayUrls).toEqual([own.url]);
  const event = new NDKEvent(ndk, { kind: 1, content: "hello", tags: [], created_at: 1_700_000_000 });
  await event.sign(signer);
  expect(event.pubkey).toBe(key.pubkey);
  signer.stop();
});
