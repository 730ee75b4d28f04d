import NDK, { NDKEvent, NDKPrivateKeySigner, NDKRelaySet } from "@nostr-dev-kit/ndk";
import { SimplePool } from "nostr-tools/pool";
import { Relay } from "nostr-tools/relay";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Edge, startEdge } from "../support/edge.ts";
import { relayUrl } from "../support/relay-client.ts";
import { author, letter, sign } from "./events.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.close());

test("nostr-tools' Relay publishes and receives, and hears why it is refused", async () => {
  const relay = await Relay.connect(relayUrl(edge));
  const [alice, bob] = [author(), author()];
  const event = letter(alice, bob.pubkey);
  const received = new Promise((resolve) => {
    relay.subscribe([{ kinds: [24133], "#p": [bob.pubkey] }], {
      onevent: resolve,
      oneose: () => void relay.publish(event),
    });
  });
  expect(await received).toMatchObject(event);
  await expect(relay.publish(sign(alice, { kind: 1 }))).rejects.toThrow("blocked: ");
  const closed = new Promise((resolve) => {
    relay.subscribe([{ search: "x" }], { onclose: resolve });
  });
  expect(await closed).toMatch(/^unsupported: /);
  relay.close();
});

test("nostr-tools' SimplePool gets what was published before it came", async () => {
  const pool = new SimplePool();
  const [alice, bob] = [author(), author()];
  const event = letter(alice, bob.pubkey);
  const url = relayUrl(edge);
  await Promise.all(pool.publish([url], event));
  expect(await pool.querySync([url], { kinds: [24133], "#p": [bob.pubkey] })).toMatchObject([event]);
  expect(await pool.get([url], { "#p": [author().pubkey] })).toBeNull();
  pool.destroy();
});

test("NDK publishes and receives", async () => {
  const url = relayUrl(edge);
  const [alice, bob] = [author(), author()];
  const [sender, receiver] = [ndk(url), ndk(url)];
  sender.signer = new NDKPrivateKeySigner(alice.secret);
  await Promise.all([sender.connect(2_000), receiver.connect(2_000)]);
  const received = new Promise<NDKEvent>((resolve) => {
    const event = new NDKEvent(sender, { kind: 24133, content: "hello", tags: [["p", bob.pubkey]] });
    receiver.subscribe(
      { kinds: [24133], "#p": [bob.pubkey] },
      {
        closeOnEose: false,
        onEvent: resolve,
        onEose: () => void event.publish(NDKRelaySet.fromRelayUrls([url], sender)),
      },
    );
  });
  expect(await received).toMatchObject({ content: "hello", pubkey: alice.pubkey });
  for (const each of [sender, receiver]) for (const relay of each.pool.relays.values()) relay.disconnect();
});

/** Without the outbox model, which would ask relays of the world where somebody is to be found. */
const ndk = (url: string): NDK => new NDK({ explicitRelayUrls: [url], enableOutboxModel: false });
