import { finalizeEvent, generateSecretKey, getPublicKey } from "nostr-tools/pure";
import { describe, expect, test } from "vitest";
import { chooseProfile, cleanName } from "../../web/nostr/profile.ts";

const key = generateSecretKey();
const pubkey = getPublicKey(key);

const profile = (content: unknown, { by = key, kind = 0, created_at = 1_790_000_000 } = {}) =>
  finalizeEvent(
    { kind, created_at, tags: [], content: typeof content === "string" ? content : JSON.stringify(content) },
    by,
  );

describe("of the events that relays have", () => {
  test("the newest counts, whichever comes first", () => {
    const events = [
      profile({ name: "old" }, { created_at: 1 }),
      profile({ name: "new" }, { created_at: 3 }),
      profile({ name: "middle" }, { created_at: 2 }),
    ];
    expect(chooseProfile(events, pubkey)).toEqual({ name: "new", picture: null });
  });

  test("of two of the same second the one with the lower id counts", () => {
    const events = [profile({ name: "a" }), profile({ name: "b" })];
    const [lower] = [...events].sort((a, b) => (a.id < b.id ? -1 : 1));
    const { name } = JSON.parse(lower?.content ?? "{}");
    expect(chooseProfile(events, pubkey)?.name).toBe(name);
    expect(chooseProfile(events.reverse(), pubkey)?.name).toBe(name);
  });

  test("what the owner has not signed does not count, even when it is marked as verified", () => {
    const genuine = profile({ name: "genuine" }, { created_at: 1 });
    const changed = { ...profile({ name: "x" }), content: '{"name":"forged"}' };
    const events = [
      changed,
      { ...genuine, created_at: 2_000_000_000 },
      profile({ name: "somebody else" }, { by: generateSecretKey() }),
      profile({ name: "a note" }, { kind: 1 }),
      profile({ name: "much", about: "x".repeat(70_000) }),
      null,
      "x",
      {},
      genuine,
    ];
    expect(chooseProfile(events, pubkey)?.name).toBe("genuine");
    expect(chooseProfile(events.slice(0, -1), pubkey)).toBeUndefined();
  });

  test.each(["", "[]", "null", "x", { name: 1, picture: {} }])(
    "a profile that says nothing: %j",
    (content) => {
      expect(chooseProfile([profile(content)], pubkey)).toEqual({ name: null, picture: null });
    },
  );
});

const MISLEADING = [
  "ｎｐｕｂ1gjs7rkr…amkm",
  "nрub1gjs7…amkm",
  "пριь1qqqq".replace("ι", "υ"),
  "n p u b 1 qqqq",
  "n\u0307pub1qqqq",
  "npubӏgjs7",
  "npub|gjs7",
  "𝓷𝓹𝓾𝓫𝟙abc",
  "Stranger",
  "  STRANGER. ",
  "Strаngеr",
  "The stranger",
  "You",
];

describe("a name", () => {
  test("is the one that is to be displayed, if there is one", () => {
    expect(chooseProfile([profile({ name: "ana", display_name: "Ana" })], pubkey)?.name).toBe("Ana");
    expect(chooseProfile([profile({ name: "ana", display_name: "\u200b " })], pubkey)?.name).toBe("ana");
  });

  test.each([
    ["\u202eevil\u202c", "evil"],
    ["a\u0000b\u001b[31m\u0085c", "ab[31mc"],
    ["zero\u200b\u200c\u200d\u2060\ufeffwidth", "zerowidth"],
    ["two\nlines\u2028three", "two lines three"],
    ["  many    blanks\u00a0\u3000here ", "many blanks here"],
    ["\u2066isolated\u2069", "isolated"],
    ["tag\u{e0041}ged", "tagged"],
    [`z${"\u0301\u0302".repeat(20)}algo`.normalize("NFC"), "ź\u0302\u0301algo"],
    ["x".repeat(500), "x".repeat(40)],
    ["😀".repeat(60), "😀".repeat(40)],
    ["שלום", "שלום"],
    ["Николай", "Николай"],
    ["Γιώργος", "Γιώργος"],
    ["unpublished", "unpublished"],
    ["Strangerer", "Strangerer"],
    ["Alice ✓ verified", "Alice verified"],
    ["✅Bob ☑\ufe0f✔\ufe0f√", "Bob"],
    ["O'Brien <b>&amp;", "O'Brien <b>&amp;"],
  ])("is cleaned: %j", (said, expected) => {
    expect(cleanName(said)).toBe(expected);
  });

  test.each([
    "",
    " \t",
    "\u200b\u202e",
    "\u3164\u2800",
    "npub1qqqqqqqq…wxyz",
    "x NPUB1abc",
    "✔\ufe0f",
    ...MISLEADING,
  ])("is none: %j", (said) => {
    expect(cleanName(said)).toBeNull();
  });
});

test.each([
  ["https://pictures.example/a.png", "https://pictures.example/a.png"],
  ["http://pictures.example/a.png", null],
  ["javascript:alert(1)", null],
  ["data:image/png;base64,AAAA", null],
  ["https://somebody:secret@pictures.example/", null],
  ["/a.png", null],
  [`https://pictures.example/${"x".repeat(3_000)}`, null],
])("a picture is an https address of an ordinary length: %s", (picture, expected) => {
  expect(chooseProfile([profile({ picture })], pubkey)?.picture).toBe(expected);
});
