/** Attacks that worked once, each against a real worker. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { finalizeEvent, generateSecretKey } from "nostr-tools/pure";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import type { NostrEvent } from "../../protocol/nostr.ts";
import { createStore, type TestKey, type TestStore } from "../support/bunker.ts";
import { startCappedRelay } from "../support/capped-relay.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { startedWorker, type Worker } from "../support/worker.ts";

let store: TestStore;
let relay: Awaited<ReturnType<typeof startCappedRelay>>;
let key: TestKey;
let worker: Worker;

beforeEach(async () => {
  [store, relay] = await Promise.all([createStore(), startCappedRelay(1_000)]);
  key = await store.addKey();
  await store.addToken(key);
  await start();
});
afterEach(async () => {
  await worker.end("SIGKILL");
  await relay.close();
  await store.close();
});

const start = async (env = {}) => {
  worker = await startedWorker({ ...store.env, RELAYS: relay.url, HEARTBEAT_INTERVAL_MS: "100", ...env });
};

const connected = async (jsonData = {}): Promise<Nip46Client> => {
  const client = await Nip46Client.open(relay.url, key.pubkey);
  const token = await store.addToken(key, { jsonData });
  expect(await client.request("connect", [key.pubkey, token])).toMatchObject({ result: "ack" });
  return client;
};

test("a client that may decrypt cannot read what other clients and the signer say", async () => {
  const victim = await connected();
  const request = victim.event(JSON.stringify({ id: randomUUID(), method: "ping", params: ["private"] }));
  const spy = await connected({ perms: "nip44_decrypt" });
  const attempt = await spy.request("nip44_decrypt", [victim.pubkey, request.content]);
  expect(attempt).toMatchObject({ result: "", error: expect.any(String) });
  const harmless = victim.event("just a message");
  expect(await spy.request("nip44_decrypt", [victim.pubkey, harmless.content])).toMatchObject({
    result: "just a message",
  });
});

test("a logout holds over a restart, though the relay delivers the old connect again", async () => {
  const client = await connected();
  expect(await client.request("logout")).toMatchObject({ result: "ack" });
  expect(await client.request("ping")).toMatchObject({ error: expect.stringMatching(/not connected/) });
  await worker.end();
  await start();
  expect(await client.request("ping")).toMatchObject({ error: expect.stringMatching(/not connected/) });
});

test("what was done before a restart is done once, though the relay delivers it again", async () => {
  const client = await connected({ uses: 3 });
  const sign = () => client.request("sign_event", [JSON.stringify({ kind: 1, content: "", tags: [] })]);
  expect(await sign()).toHaveProperty("result");
  // A session that was ended and begun again: the old logout must not end the new one.
  expect(await client.request("logout")).toMatchObject({ result: "ack" });
  const [{ token } = { token: "" }] = await store.sql(
    'SELECT token FROM "ConnectTokens" WHERE "jsonData" ? $1',
    ["uses"],
  );
  expect(await client.request("connect", [key.pubkey, String(token)])).toMatchObject({ result: "ack" });
  await worker.end();
  await start();
  expect(await client.request("ping")).toMatchObject({ result: "pong" });
  expect(await store.sql('SELECT spent FROM "ConnectTokens" WHERE token = $1', [token])).toEqual([
    { spent: 1 },
  ]);
});

test("a frame that is far too long keeps nobody from being heard, though the relay delivers it again", async () => {
  const stranger = await Nip46Client.open(relay.url, key.pubkey);
  stranger.publish(stranger.event("", { content: "x".repeat(300_000) }));
  const client = await connected();
  expect(await client.request("ping")).toMatchObject({ result: "pong" });
  expect(worker.lines().filter(({ msg }) => msg.startsWith("lost the relay"))).toEqual([]);
});

test("a relay that talks all the time neither fills the log nor has the worker sign for it all the time", async () => {
  const talker = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(talker, "listening");
  let signed = 0;
  const heardAll = new Promise<void>((resolve) => {
    talker.once("connection", (socket) => {
      const say = (...message: unknown[]) => socket.send(JSON.stringify(message));
      socket.on("message", (data) => {
        const [type, first] = JSON.parse(String(data));
        if (type === "AUTH") signed++;
        if (type === "AUTH") for (let times = 0; times < 10; times++) say("OK", first.id, true, "");
        if (type !== "REQ") return;
        for (let times = 0; times < 500; times++) {
          say("NOTICE", `notice ${times}`);
          say("CLOSED", first, "error: not now");
          say("AUTH", `challenge ${times}`);
        }
        // Answered only when all that came before has been read.
        socket.ping();
      });
      socket.once("pong", () => resolve());
    });
  });
  await worker.end();
  const url = `ws://127.0.0.1:${(talker.address() as AddressInfo).port}`;
  try {
    await start({ RELAYS: `${relay.url},${url}` });
    await heardAll;
    expect(signed).toBeGreaterThan(0);
    expect(signed).toBeLessThan(20);
    const said = worker.lines().filter((line) => line.relay === url);
    expect(said.map(({ msg }) => msg)).toContain("the relay says");
    expect(said.length).toBeLessThan(30);
    expect(await (await connected()).request("ping")).toMatchObject({ result: "pong" });
  } finally {
    await worker.end();
    for (const socket of talker.clients) socket.terminate();
    talker.close();
  }
});

test("a crowd of strangers does not make a client wait that was let in", async () => {
  // The slowest there is: faster ones are done with the whole crowd before the next heartbeat.
  await worker.end();
  await start({ CRYPTO: "noble" });
  const client = await connected();
  const crowd = await Nip46Client.open(relay.url, key.pubkey);
  const events = Array.from({ length: 400 }, (): NostrEvent => {
    const { content } = crowd.event(JSON.stringify({ id: randomUUID(), method: "ping", params: [] }));
    const event = {
      kind: 24_133,
      content,
      tags: [["p", key.pubkey]],
      created_at: Math.floor(Date.now() / 1000),
    };
    return finalizeEvent(event, generateSecretKey());
  });
  for (const event of events) crowd.publish(event);
  // All of the crowd is before it; it still is answered before most of the crowd has been looked at.
  expect(await client.request("ping")).toMatchObject({ result: "pong" });
  const before = worker.lines().length;
  const { requests } = await worker.logged(/active bunkers/, before);
  expect((requests as { garbage: number }).garbage).toBeLessThan(200);
}, 60_000);
