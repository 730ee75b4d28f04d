import { npubEncode } from "nostr-tools/nip19";
import { describe, expect, test } from "vitest";
import { readBunkerUri } from "../../web/nostr/bunker.ts";
import { usableRelays } from "../../web/nostr/relays.ts";
import { bunkerIn, isLoopback } from "../../web/page/sign-in/link.ts";

const SIGNER = "ab".repeat(32);
const uri = (query: string) => `bunker://${SIGNER}?${query}`;

describe("a bunker URI", () => {
  test("is read with its relays and its secret, and with blanks around it", async () => {
    const text = `  ${uri("relay=wss%3A%2F%2Fone.example&relay=wss://two.example&secret=abc")}\n`;
    expect(await readBunkerUri(text)).toEqual({
      pubkey: SIGNER,
      relays: ["wss://one.example", "wss://two.example"],
      secret: "abc",
    });
  });

  test("may be in capitals, broken over lines, and name the signer by its npub", async () => {
    const read = { pubkey: SIGNER, relays: ["wss://one.example"], secret: "aBc" };
    const query = "relay=wss://one.example&secret=aBc";
    for (const text of [
      `BUNKER://${SIGNER.toUpperCase()}?${query}`,
      `Bunker://${SIGNER}/?${query}`,
      `bunker://${SIGNER}?relay=wss://one\r\n  .example&secret=\u200baBc`,
      `bunker://${npubEncode(SIGNER)}?${query}`,
      `BUNKER://${npubEncode(SIGNER).toUpperCase()}?${query}`,
    ]) {
      expect(await readBunkerUri(text)).toEqual(read);
    }
  });

  test("loses relays that a page cannot use", async () => {
    const text = uri("relay=ws://one.example&relay=https://two.example&relay=wss://three.example&relay=x");
    expect(await readBunkerUri(text)).toMatchObject({ relays: ["wss://three.example"], secret: null });
  });

  test.each([
    ["empty", "  "],
    ["private-key", "nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5"],
    ["private-key", "ncryptsec1qgg9947"],
    ["private-key", "NSEC1VL029MGPSPEDVA04G90VLTKH6FVH240ZQTV9K0T9AF8935KE9LAQSNLFE5"],
    ["private-key", "bunker://nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5"],
    ["perhaps-private-key", ` ${"0aB1".repeat(16)}\n`],
    ["perhaps-private-key", `0x${"01".repeat(32)}`],
    ["perhaps-private-key", `${"abandon ".repeat(11)}about`],
    ["perhaps-private-key", `${"abandon\n".repeat(23)}art`],
    ["perhaps-private-key", Array.from({ length: 12 }, (_, n) => `${n + 1}. legal`).join(", ")],
    ["unreadable", `${"word ".repeat(13)}`],
    ["unreadable", "bunker://npub1qqqq?relay=wss://one.example"],
    ["unreadable", "bunker://"],
    ["nostrconnect", `nostrconnect://${SIGNER}?relay=wss://one.example&secret=x`],
    ["too-long", uri(`relay=wss://one.example&secret=${"x".repeat(8_192)}`)],
    ["unreadable", "somebody@example.com"],
    ["unreadable", "example.com"],
    ["unreadable", `bunker://${SIGNER.slice(1)}?relay=wss://one.example`],
    ["unreadable", `bunker://${SIGNER}?relay=<script>`],
    ["no-relay", `bunker://${SIGNER}`],
    ["no-relay", uri("relay=ws://one.example&secret=x")],
  ])("is refused as %s: %s", async (why, text) => {
    const problem = { is: "not-a-bunker-uri", why };
    await expect(readBunkerUri(text)).rejects.toMatchObject({ problem });
  });
});

test("relays are used once each, eight at most, without anybody's password", () => {
  const many = Array.from({ length: 20 }, (_, n) => `wss://relay-${n}.example`);
  expect(usableRelays(many)).toHaveLength(8);
  expect(usableRelays(["wss://one.example", "wss://one.example/", "wss://a:b@two.example"])).toEqual([
    "wss://one.example",
  ]);
  expect(usableRelays(["ws://127.0.0.1:3001/relay", "ws://localhost:1", "ws://127.0.0.1.example"])).toEqual([
    "ws://127.0.0.1:3001/relay",
    "ws://localhost:1",
  ]);
  expect(usableRelays([`wss://one.example/${"x".repeat(600)}`])).toEqual([]);
});

describe("a link that signs in", () => {
  test("has the URI in its fragment", () => {
    const text = uri("relay=wss%3A%2F%2Fone.example&secret=abc");
    expect(bunkerIn(`#bunker=${encodeURIComponent(text)}`)).toBe(text);
  });

  test.each(["", "#", "#bunker=", "#other=bunker://", "?bunker=x"])("is not %j", (fragment) => {
    expect(bunkerIn(fragment)).toBeUndefined();
  });

  test("may be damaged, and is then shown as it is", () => {
    expect(bunkerIn("#bunker=%E0%A4%A")).toBe("%E0%A4%A");
    expect(bunkerIn(`#bunker=${"x".repeat(100_000)}`)?.length).toBeLessThan(20_000);
  });

  test.each([
    ["127.0.0.1", true],
    ["localhost", true],
    ["satoshigle.localhost", true],
    ["[::1]", true],
    ["127.0.0.1.example", false],
    ["localhost.example", false],
    ["satoshigle.example", false],
  ])("signs in at once where the page is of this machine: %s %s", (hostname, expected) => {
    expect(isLoopback(hostname)).toBe(expected);
  });
});
