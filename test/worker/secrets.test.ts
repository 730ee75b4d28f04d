/** Everything that the worker says in a full and eventful run, searched for every secret that the run used. */
import { randomBytes } from "node:crypto";
import * as nip19 from "nostr-tools/nip19";
import * as nip49 from "nostr-tools/nip49";
import { expect, test } from "vitest";
import { sealSecret } from "../../worker/keys.ts";
import { createStore, hex, type TestKey } from "../support/bunker.ts";
import { startCappedRelay } from "../support/capped-relay.ts";
import { monitored } from "../support/monitoring.ts";
import { Nip46Client } from "../support/nip46-client.ts";
import { startWorker } from "../support/worker.ts";

/** A secret in the ways in which it could slip out. */
const encodings = (secret: Uint8Array | string): string[] => {
  const bytes = Buffer.from(secret as string);
  const hexText = bytes.toString("hex");
  return [
    hexText,
    hexText.toUpperCase(),
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
    [...bytes].join(","),
    [...bytes].join(", "),
    ...(typeof secret === "string" ? [secret, encodeURIComponent(secret), JSON.stringify(secret)] : []),
    ...(bytes.length === 32 ? [nip19.nsecEncode(Uint8Array.from(bytes))] : []),
  ];
};

test("logs at trace, errors, metrics, the audit log and the end by a failure hold none of the secrets", async () => {
  const store = await createStore();
  const relay = await startCappedRelay(1_000);
  const masterKey = hex(randomBytes(32));
  const lostMasterKey = hex(randomBytes(32));
  const passphrase = `pass ${hex(randomBytes(8))}`;
  const plain = await store.addKey();
  const asNsec = await store.addKey(({ secret }) => nip19.nsecEncode(secret));
  const sealed = await store.addKey();
  const lost = await store.addKey();
  const byPassphrase = await store.addKey(({ secret }) => nip49.encrypt(secret, passphrase, 4));
  const wrong = await store.addKey(() => nip19.nsecEncode(randomBytes(32)).replace(/.$/, "q"));
  for (const [key, master] of [
    [sealed, masterKey],
    [lost, lostMasterKey],
  ] as const) {
    const value = await sealSecret(key.npub, hex(key.secret), [master], undefined);
    await store.sql('UPDATE "Keys" SET ncryptsec = $1 WHERE npub = $2', [value, key.npub]);
  }
  const keys = [plain, asNsec, sealed, byPassphrase];
  const tokens: string[] = [];
  for (const key of [...keys, lost, wrong]) tokens.push(await store.addToken(key));
  const narrow = await store.addToken(plain, { jsonData: { perms: "sign_event:1", uses: 1 } });
  const invalid = await store.addToken(plain, { jsonData: { anything: true } });

  const worker = startWorker({
    ...store.env,
    RELAYS: relay.url,
    MASTER_KEY: masterKey,
    NCRYPTSEC_PASSPHRASE: passphrase,
    LOG_LEVEL: "trace",
    HTTP_PORT: "0",
    HEARTBEAT_INTERVAL_MS: "100",
    DEBUG: "*",
  });
  // The passphrase is tried beside the scan, which ends before or after it.
  await worker.logged(/^started [34] bunkers$/);
  await worker.logged(new RegExp(`^${byPassphrase.npub} started`));
  const clients = new Map<TestKey, Nip46Client>();
  for (const [index, key] of keys.entries()) {
    const client = await Nip46Client.open(relay.url, key.pubkey);
    clients.set(key, client);
    expect(await client.request("connect", [key.pubkey, tokens[index] ?? ""])).toMatchObject({
      result: "ack",
    });
    await client.request("connect", [key.pubkey, invalid, "sign_event:1", '{"name":"an app"}']);
    await client.request("sign_event", [JSON.stringify({ kind: 1, content: "content of a note", tags: [] })]);
    await client.request("nip44_encrypt", [plain.pubkey, "content of a message"]);
    await client.request("nip04_decrypt", [plain.pubkey, "AAAA?iv=AAAA"]);
    await client.request("no_such_method", [hex(key.secret)]);
    client.publish(client.event("", { content: "garbage" }));
  }
  const stranger = await Nip46Client.open(relay.url, plain.pubkey);
  await stranger.request("connect", [plain.pubkey, "guessed secret"]);
  await stranger.request("connect", [plain.pubkey, narrow]);
  await stranger.request("sign_event", [JSON.stringify({ kind: 1, content: "", tags: [] })]);
  await stranger.request("sign_event", [JSON.stringify({ kind: 1, content: "", tags: [] })]);
  await stranger.request("logout");

  const { url, ready } = await monitored(worker);
  const pages = [
    await (await fetch(`${url}/metrics`)).text(),
    JSON.stringify(await ready()),
    await (await fetch(`${url}/${narrow}`)).text(),
  ];
  const audit = async () =>
    JSON.stringify(
      await store.sql('SELECT * FROM "AuditLog" ORDER BY id'),
      (_, value) => String(value) && value,
    );
  await expect.poll(audit).toContain("sign_event");
  pages.push(await audit());

  // It ends by a failure: its database goes away in the middle of its work, and then it is told to stop.
  await store.sql(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
  );
  await clients.get(plain)?.request("ping");
  await worker.end();
  const said = [worker.output(), ...pages].join("\n");
  expect(said.length).toBeGreaterThan(5_000);

  const password = new URL(store.env.DATABASE_URL).password;
  const secrets: (Uint8Array | string)[] = [
    ...[plain, asNsec, sealed, byPassphrase, lost].map(({ secret }) => secret),
    ...[masterKey, lostMasterKey].flatMap((key) => [key, Buffer.from(key, "hex")]),
    ...tokens,
    narrow,
    invalid,
    passphrase,
    password,
    "guessed secret",
    "content of a note",
    "content of a message",
  ];
  for (const secret of secrets) {
    for (const text of encodings(secret)) {
      const at = said.indexOf(text);
      expect(at < 0 ? "" : said.slice(Math.max(0, at - 200), at + 100), `around ${text}`).toBe("");
    }
  }
  await relay.close();
  await store.close();
});
