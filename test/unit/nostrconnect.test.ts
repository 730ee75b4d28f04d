import fc from "fast-check";
import { createNostrConnectURI } from "nostr-tools/nip46";
import { expect, test } from "vitest";
import { OfferError, parseOffer } from "../../worker/nostrconnect.ts";

const CLIENT = "ab".repeat(32);
const BASE = `nostrconnect://${CLIENT}?relay=wss%3A%2F%2Frelay.example&secret=s3cret`;

test("reads all that a URI can say", () => {
  expect(
    parseOffer(
      `  ${BASE}&relay=ws%3A%2F%2F127.0.0.1%3A7777%2Frelay&perms=sign_event%3A1%2Cnip44_encrypt&name=My+client` +
        "&url=https%3A%2F%2Fclient.example&image=https%3A%2F%2Fclient.example%2Flogo.png&callback=x\n",
    ),
  ).toEqual({
    client: CLIENT,
    relays: ["wss://relay.example", "ws://127.0.0.1:7777/relay"],
    secret: "s3cret",
    perms: "sign_event:1,nip44_encrypt",
    info: { name: "My client", url: "https://client.example", image: "https://client.example/logo.png" },
  });
});

test("what is empty counts as absent, and a relay written twice as one", () => {
  const uri = `${BASE}&image=&url=&name=&perms=&relay=&relay=wss%3A%2F%2FRELAY.example%3A443%2F`;
  const { relays, perms, info } = parseOffer(uri);
  expect(relays).toHaveLength(1);
  expect({ perms, info }).toEqual({ perms: null, info: {} });
});

test("reads the metadata of older clients", () => {
  const metadata = JSON.stringify({
    name: "Old",
    url: "https://old.example",
    icons: ["https://old.example/i"],
    x: 1,
  });
  expect(parseOffer(`${BASE}&metadata=${encodeURIComponent(metadata)}`).info).toEqual({
    name: "Old",
    url: "https://old.example",
    image: "https://old.example/i",
  });
});

test("reads what nostr-tools writes", () => {
  fc.assert(
    fc.property(
      fc.record({
        secret: fc.string({ minLength: 1, maxLength: 64, unit: "grapheme" }),
        name: fc.string({ minLength: 1, maxLength: 64, unit: "grapheme" }),
        relays: fc.uniqueArray(fc.domain(), { minLength: 1, maxLength: 8 }),
      }),
      ({ secret, name, relays }) => {
        const urls = relays.map((host) => `wss://${host}`);
        const uri = createNostrConnectURI({ clientPubkey: CLIENT, relays: urls, secret, name });
        expect(parseOffer(uri)).toMatchObject({ client: CLIENT, relays: urls, secret, info: { name } });
      },
    ),
  );
});

test.each([
  ["nothing", "", /nostrconnect URI is expected/],
  ["another kind of URI", BASE.replace("nostrconnect", "bunker"), /nostrconnect URI is expected/],
  ["nothing but a key", `nostrconnect://${CLIENT}`, /nostrconnect URI is expected/],
  ["an npub", BASE.replace(CLIENT, "npub1abc"), /64 lower-case hex digits/],
  ["no relay", `nostrconnect://${CLIENT}?secret=s3cret`, /no relay/],
  ["a web page for a relay", `${BASE}&relay=https%3A%2F%2Frelay.example`, /wss:\/\/ or ws:\/\/ URL/],
  [
    "nine relays",
    `${BASE}${Array.from({ length: 8 }, (_, n) => `&relay=wss://r${n}.example`).join("")}`,
    /more than 8/,
  ],
  ["two secrets", `${BASE}&secret=other`, /secret more than once/],
  ["a secret without end", BASE.replace("s3cret", "x".repeat(257)), /longer than 256/],
  ["perms that cannot be read", `${BASE}&perms=everything%20please`, /perms must be like/],
  ["metadata that cannot be read", `${BASE}&metadata=%7B`, /metadata must be JSON/],
  ["a name without end", `${BASE}&name=${"x".repeat(2_049)}`, /too long/],
  ["a URI without end", `${BASE}&x=${"x".repeat(8_192)}`, /longer than 8192/],
])("refuses %s, and says so without the secret", (_what, uri, message) => {
  let error: unknown;
  try {
    parseOffer(uri);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(OfferError);
  expect(String(error)).toMatch(message);
  expect(String(error)).not.toContain("s3cret");
});

test("whatever is pasted is read or refused, and nothing else", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.webUrl(),
        fc.string().map((tail) => BASE + tail),
      ),
      (text) => {
        try {
          expect(parseOffer(text).relays.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(OfferError);
        }
      },
    ),
  );
});

test.each(["", "&secret="])(
  "a client of the older draft, without a secret (%j), is greeted with an ack",
  (none) => {
    expect(parseOffer(`nostrconnect://${CLIENT}?relay=wss://relay.example${none}`).secret).toBe("ack");
  },
);
