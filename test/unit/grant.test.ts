import fc from "fast-check";
import { expect, test } from "vitest";
import { parseGrantDocument, parsePerms } from "../../worker/grant.ts";

test.each([
  [undefined, {}],
  [null, {}],
  [{}, {}],
  [{ name: "a phone" }, { name: "a phone" }],
  [{ notBefore: 1_700_000_000_000 }, { notBefore: 1_700_000_000_000 }],
  [{ perms: "ping" }, { perms: "ping" }],
  [{ uses: 1 }, { uses: 1 }],
  [
    { uses: 2_147_483_647, usesPerMinute: 30 },
    { uses: 2_147_483_647, usesPerMinute: 30 },
  ],
  [{ perms: "sign_event:1,sign_event:30023" }, { perms: "sign_event:1,sign_event:30023" }],
])("reads %j", (document, expected) => {
  expect(parseGrantDocument(document)).toEqual(expected);
});

test.each([
  { perms: "" },
  { perms: "sign_event:1, ping" },
  { perms: "sign_event:1,," },
  { perms: "sign_event:" },
  { perms: "sign_event:1\n" },
  { perms: "*" },
  { perms: ["sign_event:1"] },
  { perms: null },
  { perms: `ping${",ping".repeat(1_000)}` },
  { perm: "sign_event:1" },
  { kinds: [1] },
  { name: "x".repeat(201) },
  { uses: 0 },
  { uses: 1.5 },
  { uses: "5" },
  { uses: 2 ** 31 },
  { usesPerMinute: -1 },
  { notBefore: -1 },
  { notBefore: 1.5 },
  { notBefore: "2030-01-01" },
  "sign_event:1",
  '{"perms":"ping"}',
  5,
  false,
  [],
  ["sign_event:1"],
])("a document that it does not understand allows nothing: %j", (document) => {
  expect(parseGrantDocument(document)).toBeNull();
});

test("no document makes it throw", () => {
  fc.assert(
    fc.property(fc.anything(), (document) => {
      parseGrantDocument(document);
    }),
  );
});

test.each([
  ["sign_event:1,nip44_encrypt", ["sign_event:1", "nip44_encrypt"]],
  ["ping,ping", ["ping"]],
  ["", null],
  [null, null],
  [undefined, null],
  ["sign event", null],
])("the perms of %j", (text, expected) => {
  expect(parsePerms(text)).toEqual(expected && new Set(expected));
});
