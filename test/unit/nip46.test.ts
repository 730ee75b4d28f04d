import fc from "fast-check";
import * as nip04 from "nostr-tools/nip04";
import * as nip44 from "nostr-tools/nip44";
import { parseBunkerInput } from "nostr-tools/nip46";
import { generateSecretKey, getPublicKey } from "nostr-tools/pure";
import { expect, test } from "vitest";
import { bunkerUri, formatReply, parseRequest, schemeOf } from "../../worker/nip46.ts";

const KEY = "ab".repeat(32);
const event = { kind: 1, content: "hello", tags: [["t", "x"]], created_at: 1_700_000_000 };
const request = (method: unknown, params?: unknown, id: unknown = "1") =>
  JSON.stringify({ id, method, params });
const connecting = (more: object = {}) => ({
  signer: KEY,
  secret: "token",
  asked: null,
  info: null,
  ...more,
});

test.each([
  ["connect", [KEY, "token"], connecting()],
  ["connect", ["", "token"], connecting({ signer: "" })],
  ["connect", [KEY], connecting({ secret: "" })],
  ["connect", [KEY, null, null], connecting({ secret: "" })],
  [
    "connect",
    [KEY, "token", "sign_event:1,nip44_encrypt"],
    connecting({ asked: "sign_event:1,nip44_encrypt" }),
  ],
  ["connect", [KEY, "token", ""], connecting()],
  ["connect", [KEY, "token", null, '{"name":"app"}'], connecting({ info: { name: "app" } })],
  [
    "connect",
    [KEY, "token", "ping", '{"name":"app","url":"https://app.example","image":"x","more":1}', "more"],
    connecting({ asked: "ping", info: { name: "app", url: "https://app.example", image: "x" } }),
  ],
  ["sign_event", [JSON.stringify(event)], { event }],
  ["sign_event", [JSON.stringify({ kind: 1, content: "" })], { event: { kind: 1, content: "", tags: [] } }],
  [
    "sign_event",
    [JSON.stringify({ ...event, pubkey: KEY, id: "x", sig: 1 })],
    { event: { ...event, pubkey: KEY } },
  ],
  ["nip04_encrypt", [KEY, ""], { peer: KEY, text: "" }],
  ["nip04_decrypt", [KEY, "x"], { peer: KEY, text: "x" }],
  ["nip44_encrypt", [KEY, "x"], { peer: KEY, text: "x" }],
  ["nip44_decrypt", [KEY, "x", "more"], { peer: KEY, text: "x" }],
  ["get_public_key", [], {}],
  ["get_public_key", undefined, {}],
  ["ping", [], {}],
  ["ping", null, {}],
  ["ping", [{ any: "thing" }], {}],
  ["switch_relays", [], {}],
  ["logout", [], {}],
])("understands %s with %j", (method, params, expected) => {
  expect(parseRequest(request(method, params))).toEqual({ id: "1", request: { method, ...expected } });
});

test.each([
  "sign_event:1, nip44_encrypt",
  "sign_event:1;ping",
  "*",
  "SIGN_EVENT",
  "sign_event:one",
  ",",
  `ping${",ping".repeat(1_000)}`,
])("perms that it cannot read are as good as not asked for: %s", (asked) => {
  expect(parseRequest(request("connect", [KEY, "token", asked]))).toEqual({
    id: "1",
    request: { method: "connect", ...connecting() },
  });
});

test.each([
  "",
  "an app",
  "{",
  "null",
  "5",
  '{"name":1}',
  '{"name":null}',
  JSON.stringify({ name: "x".repeat(2_049) }),
])("what a client says of itself and cannot be read is as good as not said: %s", (info) => {
  expect(parseRequest(request("connect", [KEY, "token", "ping", info]))).toEqual({
    id: "1",
    request: { method: "connect", ...connecting({ asked: "ping" }) },
  });
});

test.each([
  ["connect", []],
  ["connect", [KEY, "token", 5]],
  ["connect", [KEY, "token", "", { name: "app" }]],
  ["connect", ["not a key", "token"]],
  ["connect", [KEY.toUpperCase(), "token"]],
  ["connect", [KEY, 5]],
  ["connect", { 0: KEY, 1: "token" }],
  ["connect", undefined],
  ["sign_event", []],
  ["sign_event", [event]],
  ["sign_event", ["{"]],
  ["sign_event", ["null"]],
  ["sign_event", ["[]"]],
  ["sign_event", [JSON.stringify({ ...event, kind: -1 })]],
  ["sign_event", [JSON.stringify({ ...event, kind: 65_536 })]],
  ["sign_event", [JSON.stringify({ ...event, kind: 1.5 })]],
  ["sign_event", [JSON.stringify({ ...event, content: undefined })]],
  ["sign_event", [JSON.stringify({ ...event, tags: [[]] })]],
  ["sign_event", [JSON.stringify({ ...event, tags: [["t", 1]] })]],
  ["sign_event", [JSON.stringify({ ...event, tags: Array(2_001).fill(["t"]) })]],
  ["sign_event", [JSON.stringify({ ...event, created_at: 2 ** 32 })]],
  ["sign_event", [JSON.stringify({ ...event, pubkey: "me" })]],
  ["nip44_encrypt", [KEY]],
  ["nip44_decrypt", [`02${KEY}`, "x"]],
  ["nip04_encrypt", ["x", "x"]],
  ["nip04_decrypt", [KEY, null]],
  ["describe", []],
  ["constructor", []],
  ["__proto__", []],
  ["Ping", []],
  ["", []],
])("says what is wrong with %s and %j, without repeating it", (method, params) => {
  const parsed = parseRequest(request(method, params));
  expect(parsed).toEqual({ id: "1", problem: expect.any(String) });
  expect(JSON.stringify(parsed).length).toBeLessThan(150);
});

test.each([
  ["nothing", ""],
  ["text", "hello"],
  ["half of a request", request("ping").slice(0, -1)],
  ["null", "null"],
  ["a number", "1"],
  ["an array", "[]"],
  ["no id", JSON.stringify({ method: "ping", params: [] })],
  ["an empty id", request("ping", [], "")],
  ["a number for an id", request("ping", [], 1)],
  ["an id above the bound", request("ping", [], "x".repeat(257))],
  ["a method above the bound", request("x".repeat(65), [])],
  ["a reply meant for a client", formatReply("1", { result: "ack" })],
  ["a refusal meant for a client", formatReply("1", { error: "no" })],
])("has no answer for %s", (_, plaintext) => {
  expect(parseRequest(plaintext)).toBeNull();
});

test("the longest id and method are taken", () => {
  const id = "x".repeat(256);
  expect(parseRequest(request("x".repeat(64), [], id))).toMatchObject({ id });
});

const METHODS = [
  "connect",
  "sign_event",
  "get_public_key",
  "ping",
  "switch_relays",
  "logout",
  "nip04_encrypt",
  "nip04_decrypt",
  "nip44_encrypt",
  "nip44_decrypt",
];
const parameter = fc.oneof(fc.jsonValue(), fc.json(), fc.constant(KEY));
const looseRequest = fc.record(
  {
    id: fc.oneof(fc.string(), fc.jsonValue()),
    method: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...METHODS) },
      { weight: 1, arbitrary: fc.string() },
    ),
    params: fc.oneof({ weight: 4, arbitrary: fc.array(parameter) }, { weight: 1, arbitrary: fc.jsonValue() }),
  },
  { requiredKeys: [] },
);
const plaintext = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.json(),
  looseRequest.map((it) => JSON.stringify(it)),
);

test("whatever a stranger sends, it never throws, and what comes out is bounded and known", () => {
  fc.assert(
    fc.property(plaintext, (text) => {
      const parsed = parseRequest(text);
      if (!parsed) return;
      expect(parsed.id.length).toBeGreaterThan(0);
      expect(parsed.id.length).toBeLessThanOrEqual(256);
      if ("request" in parsed) expect(METHODS).toContain(parsed.request.method);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ["deep nesting", `{"id":"1","method":"ping","params":${"[".repeat(60_000)}${"]".repeat(60_000)}}`],
  ["many parameters", request("ping", Array(60_000).fill(1))],
  ["a key named __proto__", '{"id":"1","method":"ping","__proto__":{"id":"2"}}'],
])("%s does it no harm", (_, text) => {
  expect(parseRequest(text)).toEqual({ id: "1", request: { method: "ping" } });
});

test("a reply's result is a string, also when there is only an error", () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ unit: "binary" }), (id, text) => {
      expect(JSON.parse(formatReply(id, { result: text }))).toEqual({ id, result: text });
      expect(JSON.parse(formatReply(id, { error: text }))).toEqual({ id, result: "", error: text });
    }),
  );
});

test("tells the two encryptions apart", () => {
  const secret = generateSecretKey();
  const peer = getPublicKey(generateSecretKey());
  expect(schemeOf(nip04.encrypt(secret, peer, "hello"))).toBe("nip04");
  expect(schemeOf(nip44.encrypt("hello", nip44.getConversationKey(secret, peer)))).toBe("nip44");
});

test.each([
  [["wss://one.example"], undefined],
  [["wss://one.example/path?a=b&c=d", "ws://127.0.0.1:3001/relay"], "a secret & more=?#"],
])("another library reads its URI of %j", async (relays, secret) => {
  const uri = bunkerUri(KEY, relays, secret);
  expect(await parseBunkerInput(uri)).toEqual({ pubkey: KEY, relays, secret: secret ?? null });
});
