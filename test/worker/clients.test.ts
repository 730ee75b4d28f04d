/** Clients from npm against the worker, over the edge's relay and over one written by others. */
import NDK, { NDKEvent, NDKNip46Signer, NDKPrivateKeySigner, NDKUser } from "@nostr-dev-kit/ndk";
import { BunkerSigner, parseBunkerInput } from "nostr-tools/nip46";
import { SimplePool } from "nostr-tools/pool";
import { generateSecretKey, verifyEvent } from "nostr-tools/pure";
import { NostrRelay } from "snstr/utils/ephemeral-relay";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createStore, newKey, type TestKey, type TestStore } from "../support/bunker.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { relayUrl } from "../support/relay-client.ts";
import { startedWorker, type Worker } from "../support/worker.ts";

let store: TestStore;
let edge: Edge;
let foreign: NostrRelay;
let worker: Worker;
let key: TestKey;
const relays = new Map<string, string>();

beforeAll(async () => {
  [store, edge, foreign] = await Promise.all([createStore(), startEdge(), new NostrRelay(0).start()]);
  relays.set("the edge's relay", relayUrl(edge));
  relays.set("snstr's relay", foreign.url);
  key = await store.addKey();
  await store.addToken(key);
  worker = await startedWorker({ ...store.env, RELAYS: [...relays.values()].join(",") });
});

afterAll(async () => {
  await worker?.end();
  await Promise.all([store?.close(), edge?.close(), foreign?.close()]);
});

const peer = newKey();
const draft = () => ({
  kind: 1,
  content: "hello",
  tags: [["t", "greeting"]],
  created_at: Math.floor(Date.now() / 1000),
});

describe.each(["the edge's relay", "snstr's relay"])("over %s", (name) => {
  const relay = () => relays.get(name) ?? "";

  test("nostr-tools connects, signs, encrypts and decrypts", async () => {
    const pointer = await parseBunkerInput(store.uri(key, [relay()], await store.addToken(key)));
    if (!pointer) throw new Error("the URI cannot be read");
    const pool = new SimplePool();
    const signer = BunkerSigner.fromBunker(generateSecretKey(), pointer, { pool });
    await signer.connect();
    await signer.ping();
    expect(await signer.getPublicKey()).toBe(key.pubkey);

    const event = await signer.signEvent(draft());
    expect(event).toMatchObject({ kind: 1, content: "hello", tags: [["t", "greeting"]], pubkey: key.pubkey });
    expect(verifyEvent(event)).toBe(true);

    const box44 = await signer.nip44Encrypt(peer.pubkey, "a secret, new");
    expect(await signer.nip44Decrypt(peer.pubkey, box44)).toBe("a secret, new");
    const box04 = await signer.nip04Encrypt(peer.pubkey, "a secret, old");
    expect(await signer.nip04Decrypt(peer.pubkey, box04)).toBe("a secret, old");

    const second = BunkerSigner.fromBunker(generateSecretKey(), pointer, { pool });
    await expect(second.connect()).rejects.toMatch(/another client uses it/);
    await signer.close();
    await second.close();
    pool.destroy();
  });

  test("NDK connects, signs, encrypts and decrypts", async () => {
    const ndk = new NDK({ explicitRelayUrls: [relay()] });
    await ndk.connect(5_000);
    const uri = store.uri(key, [relay()], await store.addToken(key));
    const signer = NDKNip46Signer.bunker(ndk, uri, NDKPrivateKeySigner.generate());
    const user = await signer.blockUntilReady();
    expect(user.pubkey).toBe(key.pubkey);

    const event = new NDKEvent(ndk, draft());
    await event.sign(signer);
    expect(event.pubkey).toBe(key.pubkey);
    expect(event.verifySignature(false)).toBe(true);

    const other = new NDKUser({ pubkey: peer.pubkey });
    for (const scheme of ["nip44", "nip04"] as const) {
      const box = await signer.encrypt(other, `a secret by ${scheme}`, scheme);
      expect(await signer.decrypt(other, box, scheme)).toBe(`a secret by ${scheme}`);
    }
    signer.stop();
    for (const connection of ndk.pool.relays.values()) connection.disconnect();
  });

  test("a client without a token is refused", async () => {
    const pointer = await parseBunkerInput(store.uri(key, [relay()]));
    if (!pointer) throw new Error("the URI cannot be read");
    const pool = new SimplePool();
    const stranger = BunkerSigner.fromBunker(generateSecretKey(), pointer, { pool });
    await expect(stranger.connect()).rejects.toMatch(/not connected/);
    await expect(stranger.signEvent(draft())).rejects.toMatch(/not connected/);
    await expect(stranger.getPublicKey()).rejects.toMatch(/not connected/);
    const guess = BunkerSigner.fromBunker(generateSecretKey(), { ...pointer, secret: "guessed" }, { pool });
    await expect(guess.connect()).rejects.toMatch(/not that of a token of this key/);
    pool.destroy();
  });
});
