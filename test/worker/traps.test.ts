/** What NDK's own signer backend was found to do wrong, one test each: this worker does not. */

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createStore, type TestKey, type TestStore } from "../support/bunker.ts";
import { startCappedRelay } from "../support/capped-relay.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { relayUrl } from "../support/relay-client.ts";
import { startedWorker, type Worker } from "../support/worker.ts";

let store: TestStore;
let key: TestKey;
let token: string;
let worker: Worker;
const toClose: { close(): Promise<unknown> }[] = [];

beforeEach(async () => {
  store = await createStore();
  key = await store.addKey();
  token = await store.addToken(key);
});

afterEach(async () => {
  for (const part of toClose.splice(0)) await part.close();
  await worker?.end();
  await store.close();
});

const keep = <T extends { close(): Promise<unknown> }>(part: T): T => {
  toClose.push(part);
  return part;
};
const run = async (relays: string[], env = {}) => {
  worker = await startedWorker({ ...store.env, RELAYS: relays.join(","), ...env });
};
const connected = async (relay: string, to = key, secret = token): Promise<Nip46Client> => {
  const client = keep(await Nip46Client.open(relay, to.pubkey));
  expect(await client.request("connect", [to.pubkey, secret])).toMatchObject({ result: "ack" });
  return client;
};

describe("over the edge's relay", () => {
  let edge: Edge;
  let relay: string;

  beforeEach(async () => {
    edge = await startEdge();
    relay = relayUrl(edge);
    await run([relay]);
  });
  afterEach(() => edge.close());

  test("1. an event that cannot be decrypted ends nothing", async () => {
    const client = await connected(relay);
    for (const content of ["", "garbage", "AAAA?iv=BBBB", "?iv=", Buffer.alloc(200, 2).toString("base64")]) {
      client.publish(client.event("", { content }));
    }
    client.publish(client.event("not JSON"));
    client.publish(client.event("null"));
    client.publish(client.event('{"id":{},"method":[]}'));
    expect(await client.request("ping")).toMatchObject({ result: "pong" });
    expect(worker.process.exitCode).toBeNull();
  });

  test("5. each reply comes in the encryption of its own request", async () => {
    const client = await connected(relay);
    const schemes = Array.from({ length: 20 }, (_, index) =>
      index % 2 ? ("nip04" as const) : ("nip44" as const),
    );
    const replies = await Promise.all(schemes.map((scheme) => client.request("ping", [], scheme)));
    expect(replies.map(({ scheme }) => scheme)).toEqual(schemes);
    expect(replies.every(({ result }) => result === "pong")).toBe(true);
  });

  test("7. refusals are told apart, and nobody is told a public key who may not have it", async () => {
    const stranger = keep(await Nip46Client.open(relay, key.pubkey));
    expect(await stranger.request("get_public_key")).toMatchObject({
      result: "",
      error: expect.stringMatching(/not connected/),
    });
    const client = await connected(relay);
    expect(await client.request("fly_to_the_moon")).toMatchObject({
      result: "",
      error: expect.stringMatching(/does not know/),
    });
    const empty = await client.request("nip04_encrypt", [stranger.pubkey, ""]);
    expect(await client.request("nip04_decrypt", [stranger.pubkey, String(empty.result)])).toEqual({
      id: expect.any(String),
      result: "",
      scheme: "nip44",
    });
    expect(await client.request("switch_relays")).toMatchObject({ result: "null" });
    expect(await client.request("logout")).toMatchObject({ result: "ack" });
    expect(await client.request("ping")).toMatchObject({ error: expect.stringMatching(/not connected/) });
    expect(await client.request("connect", [key.pubkey, token])).toMatchObject({ result: "ack" });
  });
});

test("6. an event is verified before it is decrypted, and a forgery keeps nothing out", async () => {
  // The edge's relay refuses forgeries itself; this one passes everything on.
  const lax = keep(await startCappedRelay(1_000));
  await run([lax.url]);
  const client = await connected(lax.url);
  const stranger = keep(await Nip46Client.open(lax.url, key.pubkey));
  const request = client.event(JSON.stringify({ id: "real", method: "get_public_key", params: [] }));
  stranger.publish({ ...request, sig: "0".repeat(128) });
  stranger.publish({ ...request, content: client.event("{}").content });
  const reply = client.replyTo("real");
  stranger.publish(request);
  expect(await reply).toMatchObject({ result: key.pubkey });
  expect(client.replies.filter(({ id }) => id === "real")).toHaveLength(1);
});

test("2. after a relay was away, twice, requests are heard again", async () => {
  let edge = keep(await startEdge());
  const port = Number(edge.url.port);
  const relay = relayUrl(edge);
  await run([relay]);
  for (const _ of [1, 2]) {
    const before = worker.lines().length;
    await edge.close();
    await worker.logged(/lost the relay/, before);
    edge = keep(await startEdge({ port }));
    await worker.logged(/connected to relay/, before);
    // This relay is new: only a subscription that was sent again brings it the worker's attention.
    await connected(relay);
    token = await store.addToken(key);
  }
});

test("3. many keys share one socket", async () => {
  const relay = keep(await startCappedRelay(1_000));
  const keys = await Promise.all(Array.from({ length: 50 }, () => store.addKey()));
  const tokens = await Promise.all(keys.map((other) => store.addToken(other)));
  await run([relay.url]);
  expect(relay.connections()).toBe(1);
  expect(relay.opened()).toBe(1);
  const last = keys.at(-1) ?? key;
  await connected(relay.url, last, tokens.at(-1));
});

test.each(["CLOSED", "NOTICE"] as const)(
  "4. a relay that takes 256 values and says so with %s hears of all 300 keys",
  async (refuseBy) => {
    const relay = keep(await startCappedRelay(256, refuseBy));
    const keys = await Promise.all(Array.from({ length: 299 }, () => store.addKey()));
    const tokens = await Promise.all(keys.map((other) => store.addToken(other)));
    await run([relay.url], { LOG_LEVEL: "debug" });
    const refusal = await worker.logged(/refused a subscription/);
    await worker.logged(/every subscription is confirmed/, worker.lines().indexOf(refusal));
    for (const index of [0, 150, 298]) {
      const client = await connected(relay.url, keys[index], tokens[index]);
      expect(await client.request("ping")).toMatchObject({ result: "pong" });
    }
    expect(Math.max(...relay.refused)).toBeGreaterThan(256);
    expect(Math.max(...relay.taken)).toBeLessThanOrEqual(256);
  },
);

test("8. a relay that accepts no connection, and one that never answers, hold nothing up", async () => {
  const mute = createServer();
  mute.listen(0, "127.0.0.1");
  await once(mute, "listening");
  const { port } = mute.address() as AddressInfo;
  const gone = createServer();
  gone.listen(0, "127.0.0.1");
  await once(gone, "listening");
  const closedPort = (gone.address() as AddressInfo).port;
  gone.close();

  const relay = keep(await startCappedRelay(1_000));
  await run([`ws://127.0.0.1:${port}`, `ws://127.0.0.1:${closedPort}`, relay.url]);
  expect(await (await connected(relay.url)).request("ping")).toMatchObject({ result: "pong" });
  mute.close();
});
