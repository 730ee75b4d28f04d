import fc from "fast-check";
import * as nip04 from "nostr-tools/nip04";
import { npubEncode, nsecEncode } from "nostr-tools/nip19";
import * as nip44 from "nostr-tools/nip44";
import * as pure from "nostr-tools/pure";
import { expect, test, vi } from "vitest";
import { KeyError } from "../../worker/at-rest.ts";
import { backend } from "../../worker/crypto/backend.ts";
import { generateSealedKey, openKey } from "../../worker/keys.ts";
import { generateMasterKey } from "../../worker/sealing.ts";

// The real functions, watched: only they see the bytes that have to be overwritten.
vi.mock("nostr-tools/nip44", { spy: true });
const sign = vi.spyOn(backend(), "sign");

const isOverwritten = (bytes: Uint8Array) => bytes.length === 32 && bytes.every((byte) => byte === 0);

const MASTER = generateMasterKey();
const OPENERS = { masterKeys: [MASTER], passphrase: undefined };
const { npub: NPUB, sealed: SEALED } = generateSealedKey(MASTER);

const secret = pure.generateSecretKey();
const hex = Buffer.from(secret).toString("hex");
const nsec = nsecEncode(secret);
const pubkey = pure.getPublicKey(secret);
const npub = npubEncode(pubkey);
const other = pure.generateSecretKey();
const peer = pure.getPublicKey(other);
const key = await openKey(npub, hex, OPENERS);

test("signs what any client verifies, and leaves what it was given as it was", () => {
  const event = Object.freeze({ kind: 1, content: "é\u0000", tags: [["t", "x"], ["e"]], created_at: 1 });
  const signed = key.sign(event);
  expect(Object.keys(signed).sort()).toEqual([
    "content",
    "created_at",
    "id",
    "kind",
    "pubkey",
    "sig",
    "tags",
  ]);
  expect(signed).toMatchObject({ ...event, pubkey });
  expect(pure.verifyEvent(JSON.parse(JSON.stringify(signed)))).toBe(true);
});

test("nip44 and nip04 are understood by another library with another key, both ways", () => {
  const shared = nip44.getConversationKey(other, pubkey);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 300 }), (text) => {
      expect(nip44.decrypt(key.encrypt("nip44", peer, text), shared)).toBe(text);
      expect(key.decrypt("nip44", peer, nip44.encrypt(text, shared))).toBe(text);
      expect(nip04.decrypt(other, pubkey, key.encrypt("nip04", peer, text))).toBe(text);
      expect(key.decrypt("nip04", peer, nip04.encrypt(other, pubkey, text))).toBe(text);
    }),
    { numRuns: 30 },
  );
});

test("nip44 takes as much as the standard allows, and not a byte more", () => {
  const longest = "x".repeat(65_535);
  expect(key.decrypt("nip44", peer, key.encrypt("nip44", peer, longest))).toBe(longest);
  expect(() => key.encrypt("nip44", peer, `${longest}x`)).toThrow("too long");
  expect(() => key.encrypt("nip44", peer, "é".repeat(32_768))).toThrow("too long");
  expect(() => key.encrypt("nip44", peer, "")).toThrow();
});

test.each(["nip04", "nip44"] as const)("%s refuses what is damaged, or no public key", (scheme) => {
  const sealed = key.encrypt(scheme, peer, "hello");
  for (const ciphertext of ["", "?iv=", "x", sealed.slice(4), sealed.slice(0, -8)]) {
    expect(() => key.decrypt(scheme, peer, ciphertext)).toThrow();
  }
  for (const nobody of ["0".repeat(64), "f".repeat(64), "", "x".repeat(64), `02${peer}`]) {
    expect(() => key.encrypt(scheme, nobody, "hello")).toThrow();
    expect(() => key.decrypt(scheme, nobody, sealed)).toThrow();
  }
});

test("the key of a conversation is computed once, and overwritten with the key it belongs to", async () => {
  const key = await openKey(npub, hex, OPENERS);
  const compute = vi.spyOn(backend(), "sharedX");
  const keys = vi.mocked(nip44.encrypt).mock.calls;
  keys.length = 0;
  const peers = [1, 2].map(() => pure.getPublicKey(pure.generateSecretKey()));
  for (const peer of [...peers, ...peers]) key.encrypt("nip44", peer, "hello");
  expect(compute).toHaveBeenCalledTimes(2);
  for (const { value } of compute.mock.results) expect(isOverwritten(value)).toBe(true);
  expect(keys.map(([, bytes]) => isOverwritten(bytes))).toEqual([false, false, false, false]);
  compute.mockClear();
  for (const peer of [...peers, ...peers]) key.encrypt("nip04", peer, "hello");
  expect(compute).toHaveBeenCalledTimes(2);

  key.destroy();
  expect(keys.map(([, bytes]) => isOverwritten(bytes))).toEqual([true, true, true, true]);
  for (const { value } of compute.mock.results) expect(isOverwritten(value)).toBe(true);
});

test.each([
  ["sealed", () => openKey(NPUB, SEALED, OPENERS)],
  ["nsec", () => openKey(npub, nsec, OPENERS)],
  ["hex", () => openKey(npub, hex, OPENERS)],
])("a destroyed key (%s) has overwritten its secret and refuses everything", async (_, open) => {
  const key = await open();
  key.sign({ kind: 1, content: "", tags: [], created_at: 1 });
  const held = sign.mock.lastCall?.[1] ?? new Uint8Array();
  expect(isOverwritten(held)).toBe(false);
  const sealed = { nip44: key.encrypt("nip44", peer, "hello"), nip04: key.encrypt("nip04", peer, "hello") };

  key.destroy();
  key.destroy();
  expect(isOverwritten(held)).toBe(true);
  expect(() => key.sign({ kind: 1, content: "", tags: [], created_at: 1 })).toThrow(KeyError);
  for (const scheme of ["nip44", "nip04"] as const) {
    expect(() => key.encrypt(scheme, peer, "hello")).toThrow(KeyError);
    expect(() => key.decrypt(scheme, peer, sealed[scheme])).toThrow(KeyError);
  }
});
