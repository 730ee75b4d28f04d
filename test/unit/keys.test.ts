import { inspect } from "node:util";
import fc from "fast-check";
import { npubEncode, nsecEncode } from "nostr-tools/nip19";
import * as nip49 from "nostr-tools/nip49";
import * as pure from "nostr-tools/pure";
import { expect, test, vi } from "vitest";
import { KeyError } from "../../worker/at-rest.ts";
import { backend } from "../../worker/crypto/backend.ts";
import { generateSealedKey, importSecret, openKey, sealSecret } from "../../worker/keys.ts";
import { generateMasterKey } from "../../worker/sealing.ts";

// Watched, because only it sees the bytes that have to be overwritten.
const publicKey = vi.spyOn(backend(), "publicKey");

const MASTER = generateMasterKey();
const { npub: NPUB, sealed: SEALED } = generateSealedKey(MASTER);

const secret = pure.generateSecretKey();
const bytes = Buffer.from(secret);
const hex = bytes.toString("hex");
const nsec = nsecEncode(secret);
const pubkey = pure.getPublicKey(secret);
const npub = npubEncode(pubkey);

const PASSPHRASE = "a passphrase of an operator";
/** With little work in it, unlike one in use. */
const ncryptsec = nip49.encrypt(secret, PASSPHRASE, 4);

const open = (row: string, atRest: string, master?: string, passphrase?: string) =>
  openKey(row, atRest, { masterKeys: master ? [master] : [], passphrase });

const failure = async (run: () => Promise<unknown>): Promise<KeyError> => {
  try {
    await run();
  } catch (error) {
    if (error instanceof KeyError) return error;
    throw error;
  }
  throw new Error("it opened");
};

/** Fails if 8 characters in a row of any of `texts` appear anywhere in the error. */
const expectSilent = (error: Error, texts: string[]) => {
  const said = [error.message, inspect(error.cause), JSON.stringify(error)].join("\n");
  for (const text of texts) {
    for (let at = 0; at + 8 <= text.length; at++) {
      const part = text.slice(at, at + 8);
      if (said.includes(part)) expect(said).not.toContain(part);
    }
  }
};
const SPELLINGS = [
  hex,
  hex.toUpperCase(),
  nsec.slice(5),
  bytes.toString("base64"),
  bytes.toString("base64url"),
];

test("a sealed key opens under its npub and master key, written in either case", async () => {
  for (const master of [MASTER, MASTER.toUpperCase()]) {
    const key = await open(NPUB, SEALED, master);
    expect(npubEncode(key.pubkey)).toBe(NPUB);
  }
});

test("keys, seals and master keys are never twice the same", () => {
  const made = Array.from({ length: 20 }, () => generateSealedKey(MASTER));
  expect(new Set(made.flatMap(({ npub, sealed }) => [npub, sealed])).size).toBe(40);
  expect(generateMasterKey()).not.toBe(generateMasterKey());
});

test.each([
  ["another npub", npub, SEALED, MASTER, /changed or moved/],
  [
    "another master key",
    NPUB,
    SEALED,
    generateMasterKey(),
    /sealed under master key [0-9a-f]{8}, MASTER_KEY is/,
  ],
  ["no master key", NPUB, SEALED, undefined, /set MASTER_KEY/],
  ["a version to come", NPUB, SEALED.replace("v1", "v2"), MASTER, /damaged/],
  ["nothing sealed", NPUB, "sealed:", MASTER, /damaged/],
])("a sealed key does not open with %s", async (_, row, atRest, master, reason) => {
  const error = await failure(() => open(row, atRest, master));
  expect(error.message).toMatch(reason);
  expectSilent(error, [SEALED.slice(19), MASTER]);
});

test("every flipped bit of a sealed value is noticed", async () => {
  const [head, body] = [SEALED.slice(0, 19), Buffer.from(SEALED.slice(19), "base64url")];
  expect(body).toHaveLength(60);
  for (let bit = 0; bit < body.length * 8; bit++) {
    const flipped = Buffer.from(body);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    await failure(() => open(NPUB, head + flipped.toString("base64url"), MASTER));
  }
});

test("every changed, missing or added character of a sealed value is noticed", async () => {
  for (let at = 0; at <= SEALED.length; at++) {
    const [before, after] = [SEALED.slice(0, at), SEALED.slice(at)];
    for (const other of ["A", "_", "=", ":", "é"]) {
      if (other !== after[0]) await failure(() => open(NPUB, before + other + after.slice(1), MASTER));
      await failure(() => open(NPUB, before + other + after, MASTER));
    }
    if (after) await failure(() => open(NPUB, before, MASTER));
  }
});

test.each([
  ["nsec", nsec],
  ["hex", hex],
  ["hex in capitals", hex.toUpperCase()],
  ["hex between blanks", `  ${hex}\n`],
  ["ncryptsec", ncryptsec],
])("opens %s", async (_, atRest) => {
  const key = await open(npub, atRest, undefined, PASSPHRASE);
  expect(key.pubkey).toBe(pubkey);
  const event = { kind: 1, content: "", tags: [], created_at: 1 };
  expect(pure.verifyEvent(key.sign(event))).toBe(true);
});

test("opens the ncryptsec of NIP-49's own text, without holding up the process", async () => {
  // NIP-49, "Test Data".
  const atRest =
    "ncryptsec1qgg9947rlpvqu76pj5ecreduf9jxhselq2nae2kghhvd5g7dgjtcxfqtd67p9m0w57lspw8gsq6yphnm8623nsl8xn9j4jdzz84zm3frztj3z7s35vpzmqf6ksu8r89qk5z2zxfmu5gv8th8wclt0h4p";
  const own = npubEncode(
    pure.getPublicKey(Buffer.from("3501454135014541350145413501453fefb02227e449e57cf4d3a3ce05378683", "hex")),
  );
  let turns = 0;
  const counting = setInterval(() => {
    turns += 1;
  }, 1);
  const key = await open(own, atRest, undefined, "nostr");
  clearInterval(counting);
  expect(npubEncode(key.pubkey)).toBe(own);
  expect(turns).toBeGreaterThan(20);
});

test.each([
  ["no passphrase", npub, ncryptsec, undefined, /set NCRYPTSEC_PASSPHRASE/],
  ["another passphrase", npub, ncryptsec, "another", /does not open with NCRYPTSEC_PASSPHRASE/],
  ["another npub", NPUB, ncryptsec, PASSPHRASE, /another npub/],
  ["a letter less", npub, ncryptsec.slice(0, -1), PASSPHRASE, /damaged/],
  ["nothing encrypted", npub, "ncryptsec1", PASSPHRASE, /damaged/],
])("an ncryptsec does not open with %s", async (_, row, atRest, passphrase, reason) => {
  const error = await failure(() => open(row, atRest, undefined, passphrase));
  expect(error.message).toMatch(reason);
  expectSilent(error, [...SPELLINGS, ncryptsec.slice(10), PASSPHRASE]);
});

test("master keys are changed without a moment in which a row does not open", async () => {
  const [old, young] = [generateMasterKey(), generateMasterKey()];
  const sealed = await sealSecret(npub, hex, [old], undefined);
  const both = { masterKeys: [young, old], passphrase: undefined };
  expect((await openKey(npub, sealed, both)).pubkey).toBe(pubkey);
  const resealed = await sealSecret(npub, sealed, both.masterKeys, undefined);
  expect((await openKey(npub, resealed, both)).pubkey).toBe(pubkey);
  expect((await open(npub, resealed, young)).pubkey).toBe(pubkey);
  expect((await failure(() => open(npub, resealed, old))).message).toMatch(/sealed under master key/);
  expect(await sealSecret(npub, resealed, both.masterKeys, undefined)).toBe(resealed);
});

test.each([
  ["nsec", nsec],
  ["hex", hex],
  ["ncryptsec", ncryptsec],
  ["sealed", await sealSecret(npub, hex, [MASTER], undefined)],
])("seals %s, which then opens for its row alone", async (_, atRest) => {
  const sealed = await sealSecret(npub, atRest, [MASTER], PASSPHRASE);
  expect(sealed).toMatch(/^sealed:v1:/);
  expect((await open(npub, sealed, MASTER)).pubkey).toBe(pubkey);
  await failure(() => open(NPUB, sealed, MASTER));
  expect((await failure(() => sealSecret(NPUB, atRest, [MASTER], PASSPHRASE))).message).toMatch(
    /another npub|changed or moved/,
  );
  expect((await failure(() => sealSecret(npub, atRest, [], PASSPHRASE))).message).toMatch(/set MASTER_KEY/);
});

test.each([
  ["nsec", nsec],
  ["hex", `${hex}\n`],
  ["ncryptsec", ncryptsec],
])("imports %s", async (_, text) => {
  const imported = await importSecret(text, [MASTER], PASSPHRASE);
  expect(imported.npub).toBe(npub);
  expect((await open(npub, imported.sealed, MASTER)).pubkey).toBe(pubkey);
});

test.each(["", "hunter2", SEALED, "0".repeat(64), npub])("does not import %j", async (text) => {
  await failure(() => importSecret(text, [MASTER], undefined));
});

const ORDER = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

test.each([
  ["nothing", npub, ""],
  ["hex of another key", NPUB, hex],
  ["an nsec of another key", NPUB, nsec],
  ["hex that is too short", npub, hex.slice(1)],
  ["hex that is too long", npub, `${hex}0`],
  ["hex with a prefix", npub, `0x${hex}`],
  ["hex with a hole", npub, `${hex.slice(0, 32)} ${hex.slice(32)}`],
  ["base64", npub, bytes.toString("base64")],
  ["bytes as a database prints them", npub, `\\x${hex}`],
  ["an nsec that lacks its end", npub, nsec.slice(0, -1)],
  ["an nsec with a wrong letter", npub, nsec.slice(0, -1) + (nsec.endsWith("q") ? "p" : "q")],
  ["an nsec with something after it", npub, `${nsec} # mine`],
  ["an nsec of 31 bytes", npub, nsecEncode(secret.slice(1))],
  ["the npub", npub, npub],
  ["zero", npub, "0".repeat(64)],
  ["the order of the curve", npub, ORDER],
  ["an nsec of the order of the curve", npub, nsecEncode(Buffer.from(ORDER, "hex"))],
])("refuses %s, and says nothing of the secret", async (_, row, atRest) => {
  expectSilent(await failure(() => open(row, atRest, MASTER)), SPELLINGS);
});

test("whatever stands in the row, it throws a KeyError that repeats none of it", async () => {
  const garbage = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string().map((rest) => `nsec1${rest}`),
    fc.string().map((rest) => `sealed:v1:${rest}`),
    fc.base64String({ minLength: 80, maxLength: 80 }).map((body) => SEALED.slice(0, 19) + body),
  );
  await fc.assert(
    fc.asyncProperty(garbage, async (atRest) => {
      expectSilent(
        await failure(() => open(NPUB, atRest, MASTER)),
        [atRest.replace(/^(nsec1|sealed:v1:.{8}:)/s, "")].filter((rest) => !/sealed:|nsec1/.test(rest)),
      );
    }),
  );
});

test.each([
  ["of another npub", NPUB, hex],
  ["that is none", npub, ORDER],
])("a secret %s is overwritten when it is refused", async (_, row, atRest) => {
  await failure(() => open(row, atRest));
  const held = publicKey.mock.lastCall?.[0] ?? new Uint8Array(1).fill(1);
  expect(held.every((byte) => byte === 0)).toBe(true);
});

test("holds nothing that an inspection would show", async () => {
  const key = await open(npub, hex);
  const shown = inspect(key, { depth: null, showHidden: true }) + JSON.stringify(key);
  for (const spelling of SPELLINGS) expect(shown).not.toContain(spelling);
});
