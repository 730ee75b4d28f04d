/**
 * Seven NIP-46 clients against the worker, method by method, over the edge's relay and over one that takes
 * 256 tag values in a subscription and 10 subscriptions on a connection, with 300 keys running.
 */
import { Console } from "node:console";
import { npubEncode } from "nostr-tools/nip19";
import { generateSecretKey, verifyEvent } from "nostr-tools/pure";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { NostrEvent } from "../../protocol/nostr.ts";
import { within } from "../../worker/db/session.ts";
import { parseOffer } from "../../worker/nostrconnect.ts";
import { createStore, hex, newKey, type TestKey, type TestStore } from "../support/bunker.ts";
import { type CappedRelay, startCappedRelay } from "../support/capped-relay.ts";
import { applesauce } from "../support/clients/applesauce.ts";
import type { Client, Library } from "../support/clients/client.ts";
import { ndk } from "../support/clients/ndk.ts";
import { nostrTools } from "../support/clients/nostr-tools.ts";
import { nostrify } from "../support/clients/nostrify.ts";
import { rustNostr } from "../support/clients/rust-nostr.ts";
import { snstr } from "../support/clients/snstr.ts";
import { welshman } from "../support/clients/welshman.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { overhear } from "../support/overheard.ts";
import { relayUrl } from "../support/relay-client.ts";
import { startedWorker, type Worker } from "../support/worker.ts";

/** The token of a client that began the connection: bound to it, and to be greeted with its secret. */
const accept = async (key: TestKey, uri: string, where: string[]): Promise<string> => {
  const { client, secret, perms } = parseOffer(uri);
  const token = await store.addToken(key);
  await store.sql(
    `UPDATE "ConnectTokens" SET "subNpub" = $2, asked = $3, greeting = $4,
     relays = ARRAY(SELECT jsonb_array_elements_text($5::jsonb)) WHERE token = $1`,
    [token, npubEncode(client), perms, secret, JSON.stringify(where)],
  );
  return token;
};

const LIBRARIES: Library[] = [nostrTools, ndk, applesauce, welshman, nostrify, rustNostr, snstr];
const EDGE = "the edge's relay";
const CAPPED = "a capped relay";
const KEYS = 300;
const MOST_VALUES = 256;
/** Several of the clients wait for ever. */
const PATIENCE_MS = 12_000;

const relays = new Map<string, string>();
let store: TestStore;
let edge: Edge;
let capped: CappedRelay;
let worker: Worker;
/** In the order in which the worker packs them. */
let keys: TestKey[];

beforeAll(async () => {
  [store, edge, capped] = await Promise.all([
    createStore(),
    startEdge(),
    startCappedRelay(MOST_VALUES, "CLOSED", 10),
  ]);
  relays.set(EDGE, relayUrl(edge)).set(CAPPED, capped.url);
  keys = Array.from({ length: KEYS }, newKey).sort((a, b) => (a.npub < b.npub ? -1 : 1));
  const npubs = keys.map(({ npub }) => npub);
  await store.sql('INSERT INTO "Keys" (npub, ncryptsec) SELECT * FROM unnest($1::text[], $2::text[])', [
    npubs,
    keys.map(({ secret }) => hex(secret)),
  ]);
  await store.sql(
    'INSERT INTO "ConnectTokens" (token, npub, timestamp, expiry) SELECT npub, npub, 0, $2 FROM unnest($1::text[]) npub',
    [npubs, Date.now() + 3_600_000],
  );
  worker = await startedWorker({ ...store.env, RELAYS: [...relays.values()].join(",") });
});

afterAll(async () => {
  await worker?.end();
  await Promise.all([store?.close(), edge?.close(), capped?.close()]);
});

/** The table that this file is for. */
const table: Record<string, Record<string, string>> = {};
afterAll(() => new Console(process.stdout).table(table));

const peer = newKey();
const draft = () => ({
  kind: 1,
  content: "hello",
  tags: [["t", "greeting"]],
  created_at: Math.floor(Date.now() / 1000),
});

/** Notes what becomes of each method of one client; a method that fails keeps none of the others from being tried. */
const rowsOf = (row: string) => {
  const cells: Record<string, string> = {};
  table[row] = cells;
  const problems: string[] = [];
  return {
    problems,
    try: async <T>(method: string, run: (() => Promise<T>) | undefined): Promise<T | undefined> => {
      cells[method] = "–";
      if (!run) return undefined;
      try {
        const result = await within(run(), PATIENCE_MS, "no answer");
        cells[method] = "ok";
        return result;
      } catch (error) {
        cells[method] = "FAILED";
        problems.push(`${method}: ${reasonOf(error)}`);
        return undefined;
      }
    },
  };
};

/** Libraries reject with an Error, with the text, with the whole reply, or with a class of their own. */
const reasonOf = (error: unknown): string => {
  if (typeof error !== "object" || error === null) return String(error);
  if ("error" in error) return String(error.error);
  return "message" in error ? String(error.message) : String(error);
};

const expectSigned = (event: NostrEvent, key: TestKey) => {
  expect(event).toMatchObject({ kind: 1, content: "hello", tags: [["t", "greeting"]], pubkey: key.pubkey });
  expect(verifyEvent({ ...event })).toBe(true);
};

/** Everything that a connected client can ask for, each a cell of its row. */
const useAll = async (row: ReturnType<typeof rowsOf>, client: Client, key: TestKey) => {
  const { ping, switchRelays } = client;
  await row.try("get_public_key", async () => expect(await client.getPublicKey()).toBe(key.pubkey));
  await row.try("sign_event", async () => expectSigned(await client.signEvent(draft()), key));
  await row.try("ping", ping);
  for (const scheme of ["nip04", "nip44"] as const) {
    const text = `a secret by ${scheme}: "äöü" 🦊\n`;
    const box = await row.try(`${scheme}_encrypt`, () => client.encrypt(scheme, peer.pubkey, text));
    await row.try(`${scheme}_decrypt`, async () => {
      expect(box).not.toContain("secret");
      expect(await client.decrypt(scheme, peer.pubkey, box ?? "")).toBe(text);
    });
  }
  await row.try("switch_relays", switchRelays);
};

const leave = async (row: ReturnType<typeof rowsOf>, { logout }: Client, token: string) => {
  const ended = async () => {
    await logout?.();
    const [found] = await store.sql('SELECT "loggedOut" FROM "ConnectTokens" WHERE token = $1', [token]);
    expect(found?.loggedOut).not.toBeNull();
  };
  await row.try("logout", logout && ended);
};

/** Each library's key is another, from the first that the worker packs to the last. */
const keyOf = (n: number): TestKey => {
  const key = keys[Math.floor(((KEYS - 1) * n) / (LIBRARIES.length - 1))];
  if (!key) throw new Error("no key");
  return key;
};

describe.concurrent.each([EDGE, CAPPED])("over %s", (relay) => {
  const url = () => relays.get(relay) ?? "";

  const each = LIBRARIES.map((library, n) => ({ name: library.name, library, n }));

  test.each(each)(
    "$name, bunker://",
    async ({ name, library, n }) => {
      const key = keyOf(n);
      const token = await store.addToken(key);
      const uri = store.uri(key, [url()], token);
      const secret = generateSecretKey();
      const row = rowsOf(`${name}, bunker://, ${relay}`);

      const client = await row.try("connect", () => library.connect(uri, secret));
      if (client) await useAll(row, client, key);
      await client?.close();
      await row.try("a second client", async () => {
        const second = library.connect(uri, generateSecretKey());
        const reason = await second.then(() => "it was let in", reasonOf);
        expect(reason).toMatch(library.refusal ?? /another client uses it/);
      });
      const again = await row.try("reconnect", async () => {
        const again = await library.connect(uri, secret);
        expectSigned(await again.signEvent(draft()), key);
        return again;
      });
      if (again) await leave(row, again, token);
      await again?.close();
      expect(row.problems).toEqual([]);
    },
    60_000,
  );

  test.each(each.filter(({ library }) => library.invite))(
    "$name, nostrconnect://",
    async ({ name, library, n }) => {
      const key = keyOf(n);
      const row = rowsOf(`${name}, nostrconnect://, ${relay}`);
      let token = "";
      // Someone who reads the URI off a screen comes after the client has subscribed. Some of them never ask for what was
      // said before.
      const door = await overhear(url());
      const client = await row.try("connect", async () => {
        const offer = await library.invite?.(door.url, generateSecretKey());
        await door.subscribed;
        token = await accept(key, offer?.uri ?? "", [url()]);
        return offer?.connected;
      });
      if (client) {
        await useAll(row, client, key);
        await leave(row, client, token);
      }
      await client?.close();
      await door.close();
      expect(row.problems).toEqual([]);
    },
    60_000,
  );
});

test("the capped relay's cap mattered, and no key was left out", () => {
  expect(Math.max(...capped.refused)).toBeGreaterThan(MOST_VALUES);
  expect(Math.max(...capped.taken)).toBeLessThanOrEqual(MOST_VALUES);
});
