import { expect, test } from "vitest";
import { Conversations } from "../../worker/conversations.ts";

const [ALICE, BOB] = ["a".repeat(64), "b".repeat(64)];
const isHeld = (secret: Uint8Array) => secret.some((byte) => byte !== 0);

test("computes each once, and overwrites the one unused longest", () => {
  const conversations = new Conversations(3);
  const computed: Uint8Array[] = [];
  const talk = (owner: string, peer: string, scheme = "nip44") =>
    conversations.of(owner, peer, scheme, () => {
      const secret = new Uint8Array(32).fill(computed.length + 1);
      computed.push(secret);
      return secret;
    });

  const first = talk(ALICE, "peer");
  expect(talk(ALICE, "peer")).toBe(first);
  talk(ALICE, "peer", "nip04");
  talk(BOB, "peer");
  expect(computed).toHaveLength(3);
  expect(talk(ALICE, "peer")).toBe(first);

  talk(BOB, "other");
  expect(computed.map(isHeld)).toEqual([true, false, true, true]);
  expect(conversations.size).toBe(3);
  expect(isHeld(talk(ALICE, "peer", "nip04"))).toBe(true);
  expect(computed).toHaveLength(5);
});

test("forgets those of one key alone", () => {
  const conversations = new Conversations(10);
  const [hers, hersToo, his] = [
    conversations.of(ALICE, "peer", "nip44", () => new Uint8Array(32).fill(1)),
    conversations.of(ALICE, "other", "nip44", () => new Uint8Array(32).fill(2)),
    conversations.of(BOB, "peer", "nip44", () => new Uint8Array(32).fill(3)),
  ];
  conversations.forget(ALICE);
  conversations.forget(ALICE);
  expect([hers, hersToo, his].map(isHeld)).toEqual([false, false, true]);
  expect(conversations.size).toBe(1);
  const fresh = conversations.of(ALICE, "peer", "nip44", () => new Uint8Array(32).fill(4));
  expect(isHeld(fresh)).toBe(true);
});
