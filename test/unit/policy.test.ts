import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Grant, parsePerms } from "../../worker/grant.ts";
import type { Request } from "../../worker/nip46.ts";
import { decide, isUse, POLICIES } from "../../worker/policy.ts";

const NOW = 1_700_000_000_000;
const ME = "aa".repeat(32);
const OTHER = "bb".repeat(32);

const grant = (more: Partial<Grant> = {}): Grant => ({
  token: "token",
  client: ME,
  expiry: NOW + 1,
  revoked: false,
  notBefore: 0,
  perms: null,
  asked: null,
  uses: null,
  usesPerMinute: null,
  relays: [],
  ...more,
});
const perms = (text: string) => grant({ perms: parsePerms(text) });
const asked = (text: string) => grant({ asked: parsePerms(text) });

const sign = (kind: number): Request => ({ method: "sign_event", event: { kind, content: "", tags: [] } });
const cipher = (method: `nip${"04" | "44"}_${"encrypt" | "decrypt"}`): Request => ({
  method,
  peer: OTHER,
  text: "",
});

/** Every method, in the order of the table's columns; `sign_event` with four kinds. */
const REQUESTS: readonly Request[] = [
  { method: "connect", signer: "", secret: "", asked: null, info: null },
  { method: "ping" },
  { method: "get_public_key" },
  { method: "switch_relays" },
  { method: "logout" },
  sign(0),
  sign(1),
  sign(30_023),
  sign(24_133),
  cipher("nip04_encrypt"),
  cipher("nip04_decrypt"),
  cipher("nip44_encrypt"),
  cipher("nip44_decrypt"),
];

/** How the table writes a verdict, and what a client is told. */
const REASONS: Record<string, string | null> = {
  "+": null,
  S: "events of kind 24133 are the signer's own",
  C: "not connected: connect with the secret of a live token first",
  R: "the token was revoked: ask for a new one",
  E: "the token has expired: ask for a new one",
  Y: "the token is not valid yet",
  U: "the uses of the token are used up: ask for a new one",
  A: "the client did not ask for this when it connected: connect again",
  P: "the token does not allow this",
};

const revoked = grant({ revoked: true });
const expired = grant({ expiry: NOW });
const notYet = grant({ notBefore: NOW + 1 });
const usedUp = grant({ uses: { limit: 3, spent: 3 } });

//  The columns: connect, ping, get_public_key, switch_relays, logout
//   | sign_event of kind 0, 1, 30023, 24133 | nip04 encrypt, decrypt, nip44 encrypt, decrypt
const TABLE: [grants: string, Grant[], verdicts: string][] = [
  ["no grant", [], "CCCCC CCCS CCCC"],
  ["a grant of another client", [grant({ client: OTHER })], "CCCCC CCCS CCCC"],
  ["a grant that nobody has taken", [grant({ client: null })], "CCCCC CCCS CCCC"],
  ["a grant without limits", [grant()], "+++++ +++S ++++"],
  ["a revoked grant", [revoked], "RRRRR RRRS RRRR"],
  ["a grant in the millisecond of its expiry", [expired], "EEEEE EEES EEEE"],
  ["a grant one millisecond early", [notYet], "YYYYY YYYS YYYY"],
  ["a grant in the millisecond it begins", [grant({ notBefore: NOW })], "+++++ +++S ++++"],
  ["a used-up grant", [usedUp], "+++++ UUUS UUUU"],
  ["a grant with one use left", [grant({ uses: { limit: 3, spent: 2 } })], "+++++ +++S ++++"],
  ["perms for every kind", [perms("sign_event")], "+++++ +++S PPPP"],
  ["perms for kind 1", [perms("sign_event:1")], "+++++ P+PS PPPP"],
  ["perms for a kind that begins alike", [perms("sign_event:10")], "+++++ PPPS PPPP"],
  ["perms for the signer's own kind", [perms("sign_event:24133")], "+++++ PPPS PPPP"],
  ["perms for two ways of encryption", [perms("nip44_encrypt,nip04_decrypt")], "+++++ PPPS P++P"],
  ["perms with a kind where there is none", [perms("nip44_encrypt:1")], "+++++ PPPS PPPP"],
  ["perms for nothing but a ping", [perms("ping")], "+++++ PPPS PPPP"],
  ["a client that asked for kind 1", [asked("sign_event:1")], "+++++ A+AS AAAA"],
  ["a client that asked to encrypt", [asked("nip44_encrypt")], "+++++ AAAS AA+A"],
  [
    "a client that asked for more than the token allows",
    [grant({ perms: parsePerms("sign_event:1"), asked: parsePerms("sign_event,nip44_encrypt") })],
    "+++++ P+PS PPPP",
  ],
  [
    "a client that asked for less than the token allows",
    [grant({ perms: parsePerms("sign_event,nip44_encrypt"), asked: parsePerms("sign_event:1") })],
    "+++++ A+AS PPAP",
  ],
  ["a revoked grant that has expired too", [grant({ revoked: true, expiry: 0 })], "RRRRR RRRS RRRR"],
  ["a used-up grant for kind 1", [{ ...perms("sign_event:1"), uses: usedUp.uses }], "+++++ PUPS PPPP"],
  ["an expired grant beside another's live one", [expired, grant({ client: OTHER })], "EEEEE EEES EEEE"],
  ["a revoked one and an expired one", [revoked, expired], "EEEEE EEES EEEE"],
  ["an expired one and one from a later day", [expired, notYet], "YYYYY YYYS YYYY"],
  ["one from a later day and a used-up one", [notYet, usedUp], "+++++ UUUS UUUU"],
  ["a used-up one and a narrow one", [usedUp, perms("sign_event:1")], "+++++ P+PS PPPP"],
  ["two narrow ones", [perms("sign_event:1"), perms("nip44_encrypt")], "+++++ P+PS PP+P"],
  ["all that are over, and one that is live", [revoked, expired, notYet, grant()], "+++++ +++S ++++"],
];

const UNDER_ANY: typeof TABLE = [
  ["no grant", [], "CCCCC CCCS CCCC"],
  ["a grant of another client", [grant({ client: OTHER })], "+++++ +++S ++++"],
  ["a grant that nobody has taken", [grant({ client: null })], "+++++ +++S ++++"],
  ["another's revoked grant", [grant({ client: OTHER, revoked: true })], "RRRRR RRRS RRRR"],
  ["another's expired grant", [grant({ client: OTHER, expiry: NOW })], "EEEEE EEES EEEE"],
  ["another's narrow grant", [{ ...perms("sign_event:1"), client: OTHER }], "+++++ P+PS PPPP"],
];

const nameOf = (request: Request): string =>
  request.method === "sign_event" ? `sign_event:${request.event.kind}` : request.method;

const cases = (table: typeof TABLE) =>
  table.flatMap(([grants, list, verdicts]) =>
    [...verdicts.replaceAll(" ", "")].map((letter, n) => {
      const request = REQUESTS[n];
      if (!request) throw new Error(`more verdicts than requests: ${grants}`);
      return { name: nameOf(request), grants, request, list, reason: REASONS[letter] };
    }),
  );

test("the table holds every request under every grant", () => {
  expect(cases(TABLE)).toHaveLength(TABLE.length * REQUESTS.length);
  expect(cases(UNDER_ANY)).toHaveLength(UNDER_ANY.length * REQUESTS.length);
});

describe.each([
  ["token", TABLE],
  ["any", UNDER_ANY],
] as const)("CONNECT_POLICY=%s", (policy, table) => {
  test.each(cases(table))("$name under $grants", ({ request, list, reason }) => {
    const verdict = decide(request, ME, list, POLICIES[policy], NOW);
    if (reason === null) expect(verdict).toEqual({ allowed: true, by: expect.anything() });
    else expect(verdict).toEqual({ allowed: false, reason });
  });
});

test("names the grant that allows it, so that its uses are counted and no other's", () => {
  const narrow = perms("sign_event:1");
  const other = perms("nip44_encrypt");
  expect(decide(sign(1), ME, [other, narrow], POLICIES.token, NOW)).toEqual({ allowed: true, by: narrow });
  expect(decide(cipher("nip44_encrypt"), ME, [narrow, other], POLICIES.token, NOW)).toEqual({
    allowed: true,
    by: other,
  });
});

test("what uses the key is a use, and what only keeps up the connection is none", () => {
  expect(REQUESTS.filter(isUse).map(nameOf)).toEqual([
    "sign_event:0",
    "sign_event:1",
    "sign_event:30023",
    "sign_event:24133",
    "nip04_encrypt",
    "nip04_decrypt",
    "nip44_encrypt",
    "nip44_decrypt",
  ]);
});

const anyPerms = fc.option(
  fc
    .subarray(["sign_event", "sign_event:1", "sign_event:24133", "nip44_encrypt", "ping"])
    .map((some) => new Set(some)),
);
const anyGrant = fc.record<Grant>({
  token: fc.constantFrom("one", "two"),
  client: fc.constantFrom(ME, OTHER, null),
  expiry: fc.integer({ min: NOW - 2, max: NOW + 2 }),
  revoked: fc.boolean(),
  notBefore: fc.integer({ min: NOW - 2, max: NOW + 2 }),
  perms: anyPerms,
  asked: anyPerms,
  uses: fc.option(fc.record({ limit: fc.constant(2), spent: fc.integer({ min: 0, max: 3 }) })),
  usesPerMinute: fc.option(fc.constant(1)),
  relays: fc.constant([]),
});
const anyRequest = fc.constantFrom(...REQUESTS);
const anyPolicy = fc.constantFrom("token" as const, "any" as const);

test("one grant more never takes anything away, and one less never adds anything", () => {
  fc.assert(
    fc.property(anyRequest, fc.array(anyGrant), anyGrant, anyPolicy, (request, grants, more, policy) => {
      if (!decide(request, ME, grants, POLICIES[policy], NOW).allowed) return;
      expect(decide(request, ME, [more, ...grants], POLICIES[policy], NOW).allowed).toBe(true);
    }),
  );
});

test("what is allowed, one grant alone allows: live, begun, and the client's own unless any client may", () => {
  fc.assert(
    fc.property(anyRequest, fc.array(anyGrant), anyPolicy, (request, grants, policy) => {
      const alone = grants.some(
        (one) =>
          !one.revoked &&
          one.expiry > NOW &&
          one.notBefore <= NOW &&
          (policy === "any" || one.client === ME) &&
          decide(request, ME, [one], POLICIES[policy], NOW).allowed,
      );
      expect(decide(request, ME, grants, POLICIES[policy], NOW).allowed).toBe(alone);
    }),
  );
});

test("what a client asks for only ever narrows what its token allows", () => {
  fc.assert(
    fc.property(anyRequest, anyGrant, anyPerms, (request, one, wish) => {
      if (!decide(request, ME, [{ ...one, asked: wish }], POLICIES.token, NOW).allowed) return;
      expect(decide(request, ME, [{ ...one, asked: null }], POLICIES.token, NOW).allowed).toBe(true);
    }),
  );
});
