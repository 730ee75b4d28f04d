/** Signers that answer late, wrongly, or with malice: none of it may sign anybody in, nor break the page. */
import { finalizeEvent, generateSecretKey, getPublicKey } from "nostr-tools/pure";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { CLIENT_AUTH } from "../../protocol/nostr.ts";
import { signInWithBunker, type Watch } from "../../web/nostr/main.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { startLink } from "../support/link.ts";
import { stubLocalStorage } from "../support/local-storage.ts";
import { relayUrl } from "../support/relay-client.ts";
import { type Asked, type ScriptedSigner, startSigner } from "../support/scripted-signer.ts";

const key = generateSecretKey();
const pubkey = getPublicKey(key);
const DRAFT = { kind: CLIENT_AUTH, content: "", tags: [["challenge", "x"]], created_at: 1_790_000_000 };

let edge: Edge;
const signers: ScriptedSigner[] = [];
beforeAll(async () => {
  edge = await startEdge();
});
beforeEach(() => {
  stubLocalStorage();
});
afterEach(() => {
  vi.unstubAllGlobals();
  for (const signer of signers.splice(0)) signer.close();
});
afterAll(() => edge.close());

const watch = (): Watch & { told: string[] } => {
  const told: string[] = [];
  return {
    told,
    stillWaiting: () => void told.push("still waiting"),
    approveAt: (url) => void told.push(url),
    isAway: () => false,
  };
};

/** A signer that does all that it is asked, unless `script` has something else to say. */
const signerThat = async (script: (asked: Asked) => unknown[] | undefined) => {
  const signer = await startSigner(
    edge,
    (asked) => script(asked) ?? [{ id: asked.id, result: honest(asked) }],
  );
  signers.push(signer);
  return signer;
};

const honest = ({ method, params: [draft = "{}"] }: Asked): string => {
  if (method === "get_public_key") return pubkey;
  if (method === "sign_event") return JSON.stringify(finalizeEvent(JSON.parse(draft), key));
  return method === "switch_relays" ? "null" : "ack";
};

const answering = (method: string, say: (asked: Asked) => unknown[]) =>
  signerThat((asked) => (asked.method === method ? say(asked) : undefined));

const problem = (is: string, more = {}) => ({ problem: { is, ...more } });

test("it is asked for nothing but who it is, and to sign what the edge asks", async () => {
  const signer = await signerThat(() => undefined);
  const who = await signInWithBunker(signer.uri, watch());
  expect(await who.sign(DRAFT)).toMatchObject({ ...DRAFT, pubkey });
  await who.signOut();
  const methods = signer.asked.map(({ method }) => method);
  expect(methods).toEqual(["connect", "get_public_key", "switch_relays", "sign_event", "logout"]);
  expect(signer.asked[0]?.params.slice(0, 3)).toEqual([signer.pubkey, "a secret", "sign_event:22242"]);
});

test("a page that the signer sends the person to is told of, and then the answer is waited for", async () => {
  const signer = await answering("connect", ({ id }) => [
    { id, result: "auth_url", error: "https://signer.example/approve" },
    { id, result: "ack" },
  ]);
  const watched = watch();
  await signInWithBunker(signer.uri, watched);
  expect(watched.told).toEqual(["https://signer.example/approve"]);
});

test.each([
  "javascript:alert(1)",
  "http://signer.example",
  "intent://x",
  { a: 1 },
  `https://x.example/${"x".repeat(3_000)}`,
])("nobody is sent to %j", async (error) => {
  const signer = await answering("connect", ({ id }) => [
    { id, result: "auth_url", error },
    { id, result: "ack" },
  ]);
  const watched = watch();
  await signInWithBunker(signer.uri, watched);
  expect(watched.told).toEqual([]);
});

test("an answer is heard that was given while the phone had closed the page's sockets", async () => {
  const link = await startLink(Number(edge.url.port));
  let leave = () => {};
  const isAway = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const signer = await startSigner(edge, async function* (asked) {
    if (asked.method === "connect") {
      yield { id: asked.id, result: "auth_url", error: "https://signer.example" };
      await isAway;
    }
    yield { id: asked.id, result: honest(asked) };
    if (asked.method === "connect") await link.mend();
  });
  signers.push(signer);
  const uri = signer.uri.replace(
    encodeURIComponent(`:${edge.url.port}`),
    encodeURIComponent(`:${link.port}`),
  );
  const signingIn = signInWithBunker(uri, { ...watch(), approveAt: () => link.cut().then(leave) });
  expect(await signingIn).toBeDefined();
  await link.close();
});

describe("whatever else it says, the right answer still counts:", () => {
  test.each<[string, (id: string) => unknown]>([
    ["no JSON", () => "{"],
    ["null", () => null],
    ["an answer to nothing", () => ({ id: "x", result: "ack" })],
    ["much", (id) => ({ id, result: "x".repeat(50_000) })],
  ])("%s", async (_, noise) => {
    const signer = await answering("connect", ({ id }) => [noise("other"), { id, result: "ack" }, noise(id)]);
    expect(await signInWithBunker(signer.uri, watch())).toBeDefined();
  });
});

test("its words are shown, but for what cannot be seen and what is too much", async () => {
  const error = `Not\u202e you:\n${"x".repeat(5_000)}`;
  const signer = await answering("connect", ({ id }) => [{ id, result: "", error }]);
  const reason = `Not you: ${"x".repeat(191)}`;
  await expect(signInWithBunker(signer.uri, watch())).rejects.toMatchObject(problem("refused", { reason }));
});

test.each([[{ a: 1 }], [7], [["x"]]])("a refusal of %j has no words", async (error) => {
  const signer = await answering("connect", ({ id }) => [{ id, result: "", error }]);
  const refused = problem("refused", { reason: "" });
  await expect(signInWithBunker(signer.uri, watch())).rejects.toMatchObject(refused);
});

test.each(["x", "AB".repeat(32), 7, { a: 1 }])("%j is no public key", async (result) => {
  const signer = await answering("get_public_key", ({ id }) => [{ id, result }]);
  await expect(signInWithBunker(signer.uri, watch())).rejects.toMatchObject(problem("bad-answer"));
});

const other = generateSecretKey();
const signed = (more: object, by = key) => JSON.stringify(finalizeEvent({ ...DRAFT, ...more }, by));

test.each<[string, string, unknown]>([
  ["somebody else's signature", "other-key", signed({}, other)],
  ["another challenge", "bad-answer", signed({ tags: [["challenge", "y"]] })],
  ["another kind", "bad-answer", signed({ kind: 1 })],
  ["another content", "bad-answer", signed({ content: "y" })],
  ["a wrong signature", "bad-answer", signed({}).replace(/"sig":"[^"]{4}/, '"sig":"0000')],
  ["what says that it is verified", "bad-answer", `{"verified":true,"pubkey":"${pubkey}"}`],
  ["null", "bad-answer", "null"],
  ["no JSON", "bad-answer", "x"],
  ["a number", "bad-answer", 7],
])("does not take for a signature: %s", async (_, is, result) => {
  const signer = await answering("sign_event", ({ id }) => [{ id, result }]);
  const who = await signInWithBunker(signer.uri, watch());
  await expect(who.sign(DRAFT)).rejects.toMatchObject(problem(is));
});

test.each([
  ["[]"],
  ["x"],
  ['{"a":1}'],
  ["[1]"],
  ['["https://relay.example"]'],
  [JSON.stringify(Array.from({ length: 2_000 }, (_, n) => `ws://relay-${n}.example`))],
])("does not go to other relays for %s", async (result) => {
  const signer = await answering("switch_relays", ({ id }) => [{ id, result }]);
  const who = await signInWithBunker(signer.uri, watch());
  expect(await who.sign(DRAFT)).toMatchObject({ pubkey });
});

test("goes to the relays that it would rather use", async () => {
  const elsewhere = "ws://127.0.0.1:9/relay";
  const signer = await answering("switch_relays", ({ id }) => [{ id, result: JSON.stringify([elsewhere]) }]);
  const who = await signInWithBunker(signer.uri, watch());
  const unreachable = problem("relay-unreachable", { relays: ["127.0.0.1:9"] });
  await expect(who.sign(DRAFT)).rejects.toMatchObject(unreachable);
});

test("a relay that is not there is named", async () => {
  const uri = `bunker://${pubkey}?relay=ws://127.0.0.1:9/relay`;
  const unreachable = problem("relay-unreachable", { relays: ["127.0.0.1:9"] });
  await expect(signInWithBunker(uri, watch())).rejects.toMatchObject(unreachable);
});

test("the relay is let go when nothing is to be signed", async () => {
  const signer = await signerThat(() => undefined);
  const send = vi.spyOn(WebSocket.prototype, "send");
  const who = await signInWithBunker(signer.uri, watch());
  await who.sign(DRAFT);
  const opened = [...new Set(send.mock.contexts)].filter((it) => it instanceof WebSocket);
  send.mockRestore();
  expect(opened.map(({ url }) => url)).toEqual([relayUrl(edge), relayUrl(edge)]);
  await expect.poll(() => opened.every(({ readyState }) => readyState >= WebSocket.CLOSING)).toBe(true);
});
