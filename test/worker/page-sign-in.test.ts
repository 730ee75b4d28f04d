/** The page's way of signing in, against the real worker over the edge's relay, up to the edge's own word for it. */
import * as nip44 from "nostr-tools/nip44";
import { generateSecretKey } from "nostr-tools/pure";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { CLIENT_AUTH } from "../../protocol/nostr.ts";
import {
  type Identity,
  offerConnection,
  restore,
  signInWithBunker,
  type Watch,
} from "../../web/nostr/main.ts";
import { parseOffer } from "../../worker/nostrconnect.ts";
import { join, withdrawAll } from "../edge/client.ts";
import { createStore, type TestKey, type TestStore } from "../support/bunker.ts";
import { type Cli, cliWith } from "../support/cli.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { type Link, startLink } from "../support/link.ts";
import { stubLocalStorage } from "../support/local-storage.ts";
import { overhear } from "../support/overheard.ts";
import { RelayClient, relayUrl } from "../support/relay-client.ts";
import { letterTo } from "../support/scripted-signer.ts";
import { startedWorker, type Worker } from "../support/worker.ts";

const WATCH: Watch = { stillWaiting: () => {}, approveAt: () => {}, isAway: () => false };

let store: TestStore;
let edge: Edge;
let worker: Worker;
let key: TestKey;
let bunker: Cli;
let stored: Map<string, string>;

beforeAll(async () => {
  [store, edge] = await Promise.all([createStore(), startEdge()]);
  key = await store.addKey();
  // The worker runs the bunkers of keys with tokens.
  await store.addToken(key);
  worker = await startedWorker({ ...store.env, RELAYS: relayUrl(edge) });
  bunker = cliWith({ ...store.env, RELAYS: relayUrl(edge) });
});
beforeEach(() => {
  stored = stubLocalStorage();
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await withdrawAll();
});
afterAll(async () => {
  await worker?.end();
  await Promise.all([store?.close(), edge?.close()]);
});

/** Proves it to the edge, on a connection of its own, and returns what the edge says. */
const prove = async (who: Identity) => {
  const client = await join(edge);
  const tags = [
    ["relay", `ws://${edge.url.host}/ws`],
    ["challenge", client.welcome.challenge],
  ];
  const event = await who.sign({
    kind: CLIENT_AUTH,
    content: "",
    tags,
    created_at: Math.floor(Date.now() / 1_000),
  });
  client.say({ type: "auth", event });
  return client.next();
};

const tokenRow = async (token: string) => {
  const [row] = await store.sql(
    'SELECT asked, "loggedOut", "clientInfo" FROM "ConnectTokens" WHERE token = $1',
    [token],
  );
  return row;
};

const withToken = async () => {
  const token = await store.addToken(key);
  return { token, uri: store.uri(key, [relayUrl(edge)], token) };
};

const refused = (reason: RegExp) => ({ problem: { is: "refused", reason: expect.stringMatching(reason) } });

describe("with a bunker URI", () => {
  test("signs in, stays so over a reload, and signs out", async () => {
    const { token, uri } = await withToken();
    const who = await signInWithBunker(uri, WATCH);
    expect(who.npub).toBe(key.npub);
    expect(stored.size).toBe(0);
    who.keep();
    expect(await prove(who)).toEqual({ type: "authenticated", npub: key.npub });
    expect(await tokenRow(token)).toMatchObject({
      asked: "sign_event:22242",
      loggedOut: null,
      clientInfo: { name: "Satoshigle" },
    });

    const again = await restore(WATCH);
    if (!again) throw new Error("nobody was restored");
    expect(await prove(again)).toEqual({ type: "authenticated", npub: key.npub });

    await again.signOut();
    expect((await tokenRow(token))?.loggedOut).not.toBeNull();
    expect(stored.size).toBe(0);
    expect(await restore(WATCH)).toBeUndefined();
    await expect(prove(who)).rejects.toMatchObject(refused(/not connected/));
  });

  test("what is kept has neither the token nor the key", async () => {
    const { token, uri } = await withToken();
    (await signInWithBunker(uri, WATCH)).keep();
    const text = [...stored.values()].join();
    expect(text).toContain(key.pubkey);
    expect(text).not.toContain(token);
    expect(text).not.toContain(Buffer.from(key.secret).toString("hex"));
  });

  test("tries again with the same URI as the same client", async () => {
    const { uri } = await withToken();
    await signInWithBunker(uri, WATCH);
    expect(await signInWithBunker(` ${uri} `, WATCH)).toMatchObject({ npub: key.npub });
  });

  test("hears that another client has the token", async () => {
    const [first, second] = [await withToken(), await withToken()];
    await signInWithBunker(first.uri, WATCH);
    await signInWithBunker(second.uri, WATCH);
    await expect(signInWithBunker(first.uri, WATCH)).rejects.toMatchObject(refused(/another client uses it/));
  });

  test("hears, after a reload, that the token was revoked", async () => {
    const { token, uri } = await withToken();
    (await signInWithBunker(uri, WATCH)).keep();
    await store.sql('UPDATE "ConnectTokens" SET revoked = $2 WHERE token = $1', [token, Date.now()]);
    const again = await restore(WATCH);
    if (!again) throw new Error("nobody was restored");
    await expect(prove(again)).rejects.toMatchObject(refused(/revoked/));
  });
});

describe("with a QR code", () => {
  /** Whoever reads the code comes once the page listens. */
  const listening = async () => {
    const door = await overhear(relayUrl(edge));
    const offer = offerConnection([door.url], WATCH);
    offer.connected.catch(() => {});
    await door.subscribed;
    return { offer, door };
  };

  test("signs in once a signer has taken it, and signs out", async () => {
    const { offer, door } = await listening();
    const { code, stderr } = await bunker(["connect", key.npub], offer.uri);
    expect([code, stderr]).toEqual([0, expect.anything()]);
    const who = await offer.connected;
    expect(await prove(who)).toEqual({ type: "authenticated", npub: key.npub });
    const { client } = parseOffer(offer.uri);
    expect(client).toMatch(/^[0-9a-f]{64}$/);
    const rows = await store.sql(
      'SELECT asked FROM "ConnectTokens" WHERE asked IS NOT NULL AND greeting IS NULL',
    );
    expect(rows).toContainEqual({ asked: "sign_event:22242" });
    await who.signOut();
    door.close();
    await expect(prove(who)).rejects.toThrow();
  });

  test("says what a signer is to know, and a secret of its own each time", async () => {
    const offers = [offerConnection([relayUrl(edge)], WATCH), offerConnection([relayUrl(edge)], WATCH)];
    const [one, two] = offers.map(({ uri }) => parseOffer(uri));
    expect(one).toMatchObject({
      relays: [relayUrl(edge)],
      perms: "sign_event:22242",
      info: { name: "Satoshigle" },
    });
    expect(one?.secret).toMatch(/^[0-9a-f]{32}$/);
    expect(one?.secret).not.toBe(two?.secret);
    expect(one?.client).not.toBe(two?.client);
    for (const { cancel, connected } of offers) {
      cancel();
      await expect(connected).rejects.toMatchObject({ problem: { is: "cancelled" } });
    }
  });

  test("does not take a signer that cannot say the secret", async () => {
    const { offer, door } = await listening();
    const { client } = parseOffer(offer.uri);
    const impostor = await RelayClient.open(edge);
    const secret = generateSecretKey();
    const conversation = nip44.getConversationKey(secret, client);
    for (const result of ["ack", "", "x".repeat(32)]) {
      const greeting = nip44.encrypt(JSON.stringify({ id: "x", result }), conversation);
      expect(await impostor.publish(letterTo(client, greeting, secret))).toMatchObject({ accepted: true });
    }
    expect(await impostor.publish(letterTo(client, "garbage", secret))).toMatchObject({ accepted: true });
    impostor.close();
    await bunker(["connect", key.npub], offer.uri);
    expect(await offer.connected).toMatchObject({ npub: key.npub });
    door.close();
  });

  test("hears a signer that answered while the phone had closed the page's sockets", async () => {
    const link: Link = await startLink(Number(edge.url.port));
    const door = await overhear(`ws://127.0.0.1:${link.port}/relay`);
    const offer = offerConnection([door.url], WATCH);
    await door.subscribed;
    await link.cut();
    // The signer is not behind the link.
    const uri = offer.uri.replace(encodeURIComponent(door.url), encodeURIComponent(relayUrl(edge)));
    const since = worker.lines().length;
    await bunker(["connect", key.npub], uri);
    await worker.logged(/^greeted a client$/, since);
    await link.mend();
    expect(await offer.connected).toMatchObject({ npub: key.npub });
    door.close();
    await link.close();
  });

  test("says which relay is not there", async () => {
    const unreachable = (relays: string[]) => ({ problem: { is: "relay-unreachable", relays } });
    const { connected } = offerConnection(["ws://127.0.0.1:9/"], WATCH);
    await expect(connected).rejects.toMatchObject(unreachable(["127.0.0.1:9"]));
    await expect(offerConnection([], WATCH).connected).rejects.toMatchObject(unreachable([]));
  });
});
