/** How requests that are handled together share the event loop; the key is a fake that encrypts nothing. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { npubEncode } from "nostr-tools/nip19";
import { expect, test } from "vitest";
import { handleRequest, type Surroundings } from "../../worker/bunker.ts";
import type { LocalKey } from "../../worker/keys.ts";
import { POLICIES } from "../../worker/policy.ts";
import { HERE, REPLY, REQUEST } from "../support/router.ts";

/** A bunker whose database is away, which notes what it does with its key; each signature takes so long. */
const createBunker = (signatureMs = 0) => {
  const done: string[] = [];
  const note = <T>(what: string, result: T): T => {
    done.push(what);
    return result;
  };
  const key: LocalKey = {
    pubkey: HERE,
    decrypt: (_scheme, _peer, text) => note("decrypt", text),
    encrypt: (_scheme, _peer, text) => note("encrypt", text),
    sign: ({ content }) => {
      for (const begun = performance.now(); performance.now() - begun < signatureMs; );
      return note("sign", { ...REPLY, content });
    },
    destroy: () => {},
  };
  const away = async () => {
    throw new Error("away");
  };
  const around: Surroundings = {
    policy: POLICIES.token,
    relays: [],
    access: away,
    bind: away,
    end: away,
    spend: away,
    wait: () => 0,
    waitForKey: () => 0,
    answeredBefore: () => undefined,
    now: () => REQUEST.created_at * 1_000,
  };
  const ask = (method: string, count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, id) => {
        const content = JSON.stringify({ id: String(id), method, params: [] });
        return handleRequest({ ...REQUEST, content }, npubEncode(HERE), key, around);
      }),
    );
  return { ask, done };
};

test("requests that are handled together go from step to step together", async () => {
  const { ask, done } = createBunker();
  await ask("no such method", 3);
  expect(done).toEqual(["decrypt", "encrypt", "sign"].flatMap((step) => [step, step, step]));
});

test("when the database fails for many at once, others get their turns while they are told", async () => {
  const { ask, done } = createBunker(2);
  let others = 0;
  let busy = true;
  const counting = (async () => {
    for (; busy; await nextTurn()) if (done.includes("sign")) others += 1;
  })();
  const handled = await ask("ping", 40);
  busy = false;
  await counting;
  expect(handled.map(({ kind }) => kind)).toEqual(Array(40).fill("refused"));
  expect(others).toBeGreaterThan(5);
});
