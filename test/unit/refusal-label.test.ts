/** The reasons that clients are told, as the program itself words them, each have a label. */
import { expect, test } from "vitest";
import type { Grant } from "../../worker/grant.ts";
import { parseRequest } from "../../worker/nip46.ts";
import { decide, POLICIES } from "../../worker/policy.ts";
import { refusalLabel } from "../../worker/refusal-label.ts";

const NOW = 1_700_000_000_000;
const CLIENT = "aa".repeat(32);
const GRANT: Grant = {
  token: "token",
  client: CLIENT,
  expiry: NOW + 1,
  revoked: false,
  notBefore: 0,
  perms: null,
  asked: null,
  uses: null,
  usesPerMinute: null,
  relays: [],
};

const labelOf = (grants: Partial<Grant>[], kind = 1): string => {
  const verdict = decide(
    { method: "sign_event", event: { kind, content: "", tags: [] } },
    CLIENT,
    grants.map((more) => ({ ...GRANT, ...more })),
    POLICIES.token,
    NOW,
  );
  if (verdict.allowed) throw new Error("it was allowed");
  return refusalLabel(verdict.reason);
};

test("every refusal of the policy has its own", () => {
  expect(labelOf([])).toBe("not_connected");
  expect(labelOf([{ revoked: true }])).toBe("revoked");
  expect(labelOf([{ expiry: NOW }])).toBe("expired");
  expect(labelOf([{ notBefore: NOW + 1 }])).toBe("not_yet_valid");
  expect(labelOf([{ uses: { limit: 1, spent: 1 } }])).toBe("used_up");
  expect(labelOf([{ asked: new Set(["ping"]) }])).toBe("not_asked");
  expect(labelOf([{ perms: new Set(["ping"]) }])).toBe("not_allowed");
  expect(labelOf([{}], 24_133)).toBe("not_allowed");
});

test.each([
  ["connect", "bad_request"],
  ["sign_event", "bad_request"],
  ["nip44_encrypt", "bad_request"],
  ["fly_to_the_moon", "unknown_method"],
])("%s that cannot be read has one", (method, label) => {
  const parsed = parseRequest(JSON.stringify({ id: "1", method, params: [7] }));
  expect(parsed && "problem" in parsed && refusalLabel(parsed.problem)).toBe(label);
});

test("what nobody has thought of is one label, whatever it says", () => {
  expect(refusalLabel("x".repeat(1_000))).toBe("other");
  expect(refusalLabel("")).toBe("other");
});
