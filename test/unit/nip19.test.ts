import { createRequire } from "node:module";
import fc from "fast-check";
import * as nip19 from "nostr-tools/nip19";
import { expect, test } from "vitest";
import { decodeKey, encodeKey } from "../../worker/nip19.ts";
import { hexOf, npubOf } from "../../worker/npub.ts";

/** The examples of NIP-19. */
const NPUB = "npub10elfcs4fr0l0r8af98jlmgdh9c8tcxjvz9qkw038js35mp4dma8qzvjptg";
const HEX = "7e7e9c42a91bfef19fa929e5fda1b72e0ebc1a4c1141673e2794234d86addf4e";
const NSEC = "nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5";
const SECRET = "67dea2ed018072d675f5415ecfaed7d2597555e202d85b3d65ea4e58d2d92ffa";

test("the examples of NIP-19", () => {
  expect(npubOf(HEX)).toBe(NPUB);
  expect(hexOf(NPUB)).toBe(HEX);
  expect(Buffer.from(decodeKey("nsec", NSEC) ?? []).toString("hex")).toBe(SECRET);
  expect(encodeKey("nsec", Buffer.from(SECRET, "hex"))).toBe(NSEC);
});

test("any key is written and read as by nostr-tools", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
      const hex = Buffer.from(key).toString("hex");
      expect(npubOf(hex)).toBe(nip19.npubEncode(hex));
      expect(encodeKey("nsec", key)).toBe(nip19.nsecEncode(key));
      expect(decodeKey("npub", nip19.npubEncode(hex))).toEqual(key);
    }),
  );
});

test.each([
  ["another letter", NPUB.replace("q", "p")],
  ["both cases", NPUB.replace("npub", "NPUB")],
  ["a key of another kind", NSEC],
  ["a note", nip19.noteEncode(HEX)],
  ["a profile", nip19.nprofileEncode({ pubkey: HEX })],
  ["a shorter one", encodeKey("npub", new Uint8Array(31))],
  ["a longer one", encodeKey("npub", new Uint8Array(33))],
  ["hex", HEX],
  ["nothing", ""],
])("no npub: %s", (_what, text) => {
  expect(decodeKey("npub", text)).toBeNull();
  expect(hexOf(text)).toBeNull();
});

test.each(["", HEX.slice(2), `${HEX}00`, HEX.replace("7", "x")])("no public key: %j", (hex) => {
  expect(() => npubOf(hex)).toThrow("64 hex digits");
});

test("the library is another copy than that with which NIP-44 does its base64, which it would slow down", () => {
  const here = createRequire(new URL("../../worker/nip19.ts", import.meta.url));
  const there = createRequire(here.resolve("nostr-tools/nip44"));
  expect(here.resolve("@scure/base")).not.toBe(there.resolve("@scure/base"));
});
