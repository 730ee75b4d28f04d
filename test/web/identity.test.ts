/** Who a visitor proves to be, with real signatures and the real edge. */
import { npubEncode } from "nostr-tools/nip19";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { CLIENT_AUTH, type UnsignedEvent } from "../../protocol/nostr.ts";
import { type Client, search } from "../edge/client.ts";
import { ADMIN_TOKEN, ask } from "../edge/operator.ts";
import { author, sign } from "../relay/events.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import type { FrameProxy } from "../support/frame-proxy.ts";
import { cleanUp, throughProxy } from "./scenes.ts";
import { Visitor } from "./visitor.ts";

const WINDOW = 400;

let edge: Edge;
let proxy: FrameProxy;
beforeAll(async () => {
  edge = await startEdge({
    vars: {
      ADMIN_TOKEN,
      MAX_CONNECTIONS_PER_ADDRESS: "100",
      MAX_DISCONNECTION_DURATION_MS: String(WINDOW),
      RELAX_MS: "100",
    },
  });
});
afterEach(cleanUp);
afterAll(() => edge.close());

async function arrive(): Promise<Visitor> {
  const through = await throughProxy(edge);
  proxy = through.proxy;
  return through.visitor;
}

/** Somebody with a key, and the drafts that they were given to sign. The edge is asked for by the proxy's name. */
function signer() {
  const who = author();
  const drafts: UnsignedEvent[] = [];
  return {
    npub: npubEncode(who.pubkey),
    drafts,
    sign: async (draft: UnsignedEvent) => {
      drafts.push(draft);
      const tags = draft.tags.map(([name = "", value = ""]) => [
        name,
        value.replace(proxy.url.host, edge.url.host),
      ]);
      const { kind, content, created_at = 0 } = draft;
      return { ...sign(who, { kind, content, created_at, tags }), extra: "of some signers" };
    },
  };
}

async function partnerOf(visitor: Visitor): Promise<{ partner: Client; npub: string | null }> {
  const partner = await search(edge);
  visitor.visit.search();
  const { peer } = await partner.expect("matched");
  await visitor.state("matched");
  return { partner, npub: peer.npub };
}

const identities = (visitor: Visitor) =>
  visitor.told.flatMap(([event, npub]) => (event === "identity" ? [npub] : []));

test("who signs in before there is a connection is known to whoever they meet", async () => {
  const visitor = await arrive();
  const { sign, npub, drafts } = signer();
  expect(await visitor.visit.authenticate(sign)).toBe(npub);
  expect(visitor.visit.npub).toBe(npub);
  expect(drafts).toEqual([
    {
      kind: CLIENT_AUTH,
      content: "",
      created_at: Math.floor(visitor.timing.now() / 1_000),
      tags: [
        ["relay", `ws://${proxy.url.host}/ws`],
        ["challenge", expect.stringMatching(/^[0-9a-f]{64}$/)],
      ],
    },
  ]);
  expect((await partnerOf(visitor)).npub).toBe(npub);
});

test("what is signed names the edge as it was reached", async () => {
  const visitor = new Visitor(edge.url);
  const who = author();
  const plainly = async ({ kind, content, tags, created_at = 0 }: UnsignedEvent) =>
    sign(who, { kind, content, tags, created_at });
  expect(await visitor.visit.authenticate(plainly)).toBe(npubEncode(who.pubkey));
});

test("over a drop it stays; on a connection that has lost the place it is proven anew", async () => {
  const visitor = await arrive();
  const { sign, npub, drafts } = signer();
  await visitor.visit.authenticate(sign);
  proxy.hangUp();
  await visitor.comeBack();
  expect(drafts).toHaveLength(1);
  expect(identities(visitor)).toEqual([npub]);

  proxy.hangUp();
  await visitor.connection("reconnecting");
  const since = Date.now();
  await expect.poll(() => Date.now() - since).toBeGreaterThan(2 * WINDOW);
  const identified = visitor.tells("identity");
  await visitor.getThrough();
  expect(await identified).toBeNull();
  await visitor.until((visit) => visit.npub === npub);
  expect(drafts).toHaveLength(2);
  expect(identities(visitor)).toEqual([npub, null, npub]);
  expect((await partnerOf(visitor)).npub).toBe(npub);
});

test("a connection that breaks while it is signed for does not matter", async () => {
  const visitor = await arrive();
  const { sign, npub } = signer();
  await visitor.connection("open");
  let finish = () => {};
  const slow = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let asked = 0;
  const done = visitor.visit.authenticate(async (draft) => {
    asked += 1;
    if (asked === 1) {
      proxy.hangUp();
      await slow;
    }
    return sign(draft);
  });
  await visitor.connection("reconnecting");
  await visitor.getThrough();
  expect(await done).toBe(npub);
  finish();
  expect((await partnerOf(visitor)).npub).toBe(npub);
  expect(proxy.said.filter((frame) => frame.includes('"auth"'))).toHaveLength(1);
});

test("what proves nothing is refused, and can be tried again", async () => {
  const visitor = await arrive();
  const { sign, npub } = signer();
  const lie = async (draft: UnsignedEvent) => ({ ...(await sign(draft)), pubkey: author().pubkey });
  await expect(visitor.visit.authenticate(lie)).rejects.toThrow("auth-failed");
  await expect(visitor.visit.authenticate(async () => Promise.reject(new Error("not now")))).rejects.toThrow(
    "not now",
  );
  expect(visitor.visit.npub).toBeNull();
  expect(visitor.told.filter(([event]) => event === "refused")).toEqual([]);
  expect(await visitor.visit.authenticate(sign)).toBe(npub);
});

test("who is banned by name is told so, and is out", async () => {
  const visitor = await arrive();
  const { sign, npub } = signer();
  await ask(edge, "admin/bans", { method: "POST", body: { name: npub, seconds: 60 } });
  await visitor.connection("open");
  await expect(visitor.visit.authenticate(sign)).rejects.toThrow("banned");
  await visitor.connection("closed");
  expect(visitor.visit.connection).toEqual({ is: "closed", why: "banned" });
});

test("signed out, the other side meets somebody without a name, on a new connection", async () => {
  const visitor = await arrive();
  await visitor.visit.authenticate(signer().sign);
  const { partner } = await partnerOf(visitor);
  visitor.visit.signOut();
  expect(visitor.visit.npub).toBeNull();
  expect((await partner.next()).type).toBe("ended");
  await partner.expect("waiting");
  expect(await partner.expect("matched")).toMatchObject({ peer: { npub: null } });
  expect(visitor.calls[0]?.ending).toBe("left");
  expect(proxy.opened).toEqual(["/ws?v=1", "/ws?v=1"]);
});

test("whoever was never signed in stays where they are when they sign out", async () => {
  const visitor = await arrive();
  await visitor.connection("open");
  const never = visitor.visit.authenticate(() => new Promise(() => {}));
  visitor.visit.signOut();
  await expect(never).rejects.toThrow("signed-out");
  expect(visitor.visit.connection).toEqual({ is: "open" });
  expect(proxy.opened).toHaveLength(1);
});

test("as somebody else: with a goodbye", async () => {
  const visitor = await arrive();
  await visitor.visit.authenticate(signer().sign);
  const other = signer();
  expect(await visitor.visit.authenticate(other.sign)).toBe(other.npub);
  expect((await partnerOf(visitor)).npub).toBe(other.npub);
});

test("an answer that was one too many is given again a little later", async () => {
  const visitor = await arrive();
  await visitor.connection("open");
  proxy.passToServer = () => false;
  const { sign, npub } = signer();
  const done = visitor.visit.authenticate(sign);
  await expect.poll(() => proxy.said).toHaveLength(1);
  proxy.tell('{"type":"error","code":"rate-limited","message":"slow down","retryAfter":10}');
  await visitor.tells("refused");
  proxy.passToServer = () => true;
  visitor.timing.pass(9_999);
  expect(proxy.said).toHaveLength(1);
  visitor.timing.pass(1);
  expect(await done).toBe(npub);
});
