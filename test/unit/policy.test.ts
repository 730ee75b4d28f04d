import fc from "fast-check";
import { expect, test } from "vitest";
import type { Request } from "../../worker/nip46.ts";
import { decide, type Grant, parseGrantDocument } from "../../worker/policy.ts";

const NOW = 1_700_000_000_000;
const ME = "aa".repeat(32);
const OTHER = "bb".repeat(32);

const grant = (more: Partial<Grant> = {}): Grant => ({
  client: ME,
  expiry: NOW + 1,
  perms: null,
  notBefore: 0,
  ...more,
});
const only = (...perms: string[]) => grant({ perms: new Set(perms) });
const sign = (kind: number): Request => ({ method: "sign_event", event: { kind, content: "", tags: [] } });
const ping: Request = { method: "ping" };
const connect: Request = { method: "connect", signer: "", secret: "" };
const nip44: Request = { method: "nip44_encrypt", peer: OTHER, text: "" };
const nip04: Request = { method: "nip04_decrypt", peer: OTHER, text: "" };

test.each<[string, Request, Grant[], RegExp | null]>([
  ["a live grant allows", sign(1), [grant()], null],
  ["no grant allows nothing", ping, [], /no live token/],
  ["a grant ends in the very millisecond of its expiry", ping, [grant({ expiry: NOW })], /no live token/],
  ["a grant of another client", ping, [grant({ client: OTHER })], /not connected/],
  ["a grant that nobody has taken", ping, [grant({ client: null })], /not connected/],
  [
    "an expired grant beside another's live one",
    ping,
    [grant({ expiry: 0 }), grant({ client: OTHER })],
    /not conn/,
  ],
  ["a grant from a later day", ping, [grant({ notBefore: NOW + 1 })], /not valid yet/],
  ["a grant in the very millisecond it begins", ping, [grant({ notBefore: NOW })], null],
  ["one of two grants is valid", ping, [grant({ notBefore: NOW + 1 }), grant()], null],
  ["a kind that is listed", sign(1), [only("sign_event:1")], null],
  ["a kind that is not listed", sign(2), [only("sign_event:1")], /does not allow/],
  ["a kind of which another begins alike", sign(1), [only("sign_event:10")], /does not allow/],
  ["every kind", sign(2), [only("sign_event")], null],
  ["a method that is listed", nip44, [only("nip44_encrypt")], null],
  ["a method that is not listed", nip04, [only("nip44_encrypt")], /does not allow/],
  ["a method with a parameter that it has not", nip44, [only("nip44_encrypt:1")], /does not allow/],
  ["two grants, of which the second covers it", sign(2), [only("sign_event:1"), only("sign_event:2")], null],
  ["two grants that do not add up", nip44, [only("sign_event"), only("nip04_decrypt")], /does not allow/],
  ["a ping under the narrowest grant", ping, [only("sign_event:1")], null],
  ["connecting again", connect, [only("sign_event:1")], null],
  ["the signer's own kind", sign(24_133), [grant()], /signer's own/],
  ["the signer's own kind, though listed", sign(24_133), [only("sign_event:24133")], /signer's own/],
])("%s", (_, request, grants, refusal) => {
  const verdict = decide(request, ME, grants, "token", NOW);
  if (refusal) expect(verdict).toEqual({ allowed: false, reason: expect.stringMatching(refusal) });
  else expect(verdict).toEqual({ allowed: true });
});

test.each<[string, Grant[], boolean]>([
  ["a live token that another client has taken", [grant({ client: OTHER })], true],
  ["a live token that nobody has taken", [grant({ client: null })], true],
  ["no token", [], false],
  ["an expired token", [grant({ expiry: NOW })], false],
  ["a token from a later day", [grant({ notBefore: NOW + 1 })], false],
  ["a token that allows something else", [grant({ client: OTHER, perms: new Set(["ping"]) })], false],
])("CONNECT_POLICY=any, %s", (_, grants, allowed) => {
  expect(decide(sign(1), ME, grants, "any", NOW).allowed).toBe(allowed);
});

const anyGrant = fc.record<Grant>({
  client: fc.constantFrom(ME, OTHER, null),
  expiry: fc.integer({ min: NOW - 2, max: NOW + 2 }),
  perms: fc.option(
    fc
      .subarray(["sign_event", "sign_event:1", "sign_event:24133", "nip44_encrypt", "ping"])
      .map((perms) => new Set(perms)),
  ),
  notBefore: fc.integer({ min: NOW - 2, max: NOW + 2 }),
});
const anyRequest = fc.constantFrom(sign(1), sign(2), sign(24_133), ping, connect, nip44, nip04);
const anyPolicy = fc.constantFrom("token" as const, "any" as const);

test("one grant more never takes anything away, and one less never adds anything", () => {
  fc.assert(
    fc.property(anyRequest, fc.array(anyGrant), anyGrant, anyPolicy, (request, grants, more, policy) => {
      if (!decide(request, ME, grants, policy, NOW).allowed) return;
      expect(decide(request, ME, [more, ...grants], policy, NOW).allowed).toBe(true);
    }),
  );
});

test("what is allowed, one grant alone allows: live, begun, and the client's own unless any client may", () => {
  fc.assert(
    fc.property(anyRequest, fc.array(anyGrant), anyPolicy, (request, grants, policy) => {
      const alone = grants.some(
        (one) =>
          one.expiry > NOW &&
          one.notBefore <= NOW &&
          (policy === "any" || one.client === ME) &&
          decide(request, ME, [one], policy, NOW).allowed,
      );
      expect(decide(request, ME, grants, policy, NOW).allowed).toBe(alone);
    }),
  );
});

test.each([
  [undefined, null, 0],
  [null, null, 0],
  [{}, null, 0],
  [{ name: "a phone" }, null, 0],
  [{ notBefore: NOW }, null, NOW],
  [{ perms: "ping" }, ["ping"], 0],
  [
    { perms: "sign_event:1,sign_event:30023,nip44_encrypt" },
    ["sign_event:1", "sign_event:30023", "nip44_encrypt"],
    0,
  ],
])("reads %j", (document, perms, notBefore) => {
  expect(parseGrantDocument(document)).toEqual({ perms: perms && new Set(perms), notBefore });
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
  { perm: "sign_event:1" },
  { kinds: [1] },
  { name: "x".repeat(201) },
  { notBefore: -1 },
  { notBefore: 1.5 },
  { notBefore: "2030-01-01" },
  "sign_event:1",
  '{"perms":"ping"}',
  5,
  false,
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
