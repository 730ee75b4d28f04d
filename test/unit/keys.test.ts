import { inspect } from "node:util";
import fc from "fast-check";
import { decode, npubEncode, nsecEncode } from "nostr-tools/nip19";
import * as pure from "nostr-tools/pure";
import { expect, test, vi } from "vitest";
import { generateMasterKey, generateSealedKey, KeyError, openKey } from "../../worker/keys.ts";

// The real function, watched: only it sees the bytes that have to be overwritten.
vi.mock("nostr-tools/pure", { spy: true });

const MASTER = generateMasterKey();
const { npub: NPUB, sealed: SEALED } = generateSealedKey(MASTER);

const secret = pure.generateSecretKey();
const bytes = Buffer.from(secret);
const hex = bytes.toString("hex");
const nsec = nsecEncode(secret);
const pubkey = pure.getPublicKey(secret);
const npub = npubEncode(pubkey);

const failure = (run: () => unknown): KeyError => {
  try {
    run();
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

test("a sealed key opens under its npub and master key, written in either case", () => {
  for (const master of [MASTER, MASTER.toUpperCase()]) {
    const { key, atRest } = openKey(NPUB, SEALED, master);
    expect(atRest).toBe("sealed");
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
])("a sealed key does not open with %s", (_, row, atRest, master, reason) => {
  const error = failure(() => openKey(row, atRest, master));
  expect(error.message).toMatch(reason);
  expectSilent(error, [SEALED.slice(19), MASTER]);
});

test("every flipped bit of a sealed value is noticed", () => {
  const [head, body] = [SEALED.slice(0, 19), Buffer.from(SEALED.slice(19), "base64url")];
  expect(body).toHaveLength(60);
  for (let bit = 0; bit < body.length * 8; bit++) {
    const flipped = Buffer.from(body);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    failure(() => openKey(NPUB, head + flipped.toString("base64url"), MASTER));
  }
});

test("every changed, missing or added character of a sealed value is noticed", () => {
  for (let at = 0; at <= SEALED.length; at++) {
    const [before, after] = [SEALED.slice(0, at), SEALED.slice(at)];
    for (const other of ["A", "_", "=", ":", "é"]) {
      if (other !== after[0]) failure(() => openKey(NPUB, before + other + after.slice(1), MASTER));
      failure(() => openKey(NPUB, before + other + after, MASTER));
    }
    if (after) failure(() => openKey(NPUB, before, MASTER));
  }
});

test.each([
  ["nsec", nsec],
  ["hex", hex],
  ["hex", hex.toUpperCase()],
  ["hex", `  ${hex}\n`],
])("opens %s", (form, atRest) => {
  const { key, atRest: found } = openKey(npub, atRest, undefined);
  expect(found).toBe(form);
  expect(key.pubkey).toBe(pubkey);
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
])("refuses %s, and says nothing of the secret", (_, row, atRest) => {
  expectSilent(
    failure(() => openKey(row, atRest, MASTER)),
    SPELLINGS,
  );
});

test("whatever stands in the row, it throws a KeyError that repeats none of it", () => {
  const garbage = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string().map((rest) => `nsec1${rest}`),
    fc.string().map((rest) => `sealed:v1:${rest}`),
    fc.base64String({ minLength: 80, maxLength: 80 }).map((body) => SEALED.slice(0, 19) + body),
  );
  fc.assert(
    fc.property(garbage, (atRest) => {
      expectSilent(
        failure(() => openKey(NPUB, atRest, MASTER)),
        [atRest.replace(/^(nsec1|sealed:v1:.{8}:)/s, "")].filter((rest) => !/sealed:|nsec1/.test(rest)),
      );
    }),
  );
});

test.each([
  ["of another npub", NPUB, hex],
  ["that is none", npub, ORDER],
])("a secret %s is overwritten when it is refused", (_, row, atRest) => {
  failure(() => openKey(row, atRest, undefined));
  const held = vi.mocked(pure.getPublicKey).mock.lastCall?.[0] ?? new Uint8Array(1).fill(1);
  expect(held.every((byte) => byte === 0)).toBe(true);
});

test("holds nothing that an inspection would show", () => {
  const { key } = openKey(npub, hex, undefined);
  const shown = inspect(key, { depth: null, showHidden: true }) + JSON.stringify(key);
  for (const spelling of SPELLINGS) expect(shown).not.toContain(spelling);
  expect(decode(npub).data).toBe(key.pubkey);
});
