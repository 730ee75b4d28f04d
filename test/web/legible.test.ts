import { expect, test } from "vitest";
import { legible } from "../../web/page/legible.ts";

test.each([
  "Hello",
  "two\nlines\n\nand a paragraph",
  "नमस्ते, שָׁלוֹם, مَرْحَبًا, tiếng Việt, 👩‍👩‍👧 👍🏽",
  " indented",
])("%o stays as it is", (text) => {
  expect(legible(text)).toBe(text);
});

test("a tower of line breaks is a paragraph", () => {
  expect(legible(`a${"\n".repeat(1_999)}b`)).toBe("a\n\nb");
  expect(legible(`a${"\n \t".repeat(600)}\nb`)).toBe("a\n\nb");
});

test("a letter carries as many marks as languages need", () => {
  expect(legible(`Z${"\u0301".repeat(300)}algo`)).toBe(`Z${"\u0301".repeat(4)}algo`);
});

test.each(["\u200b\u200d", " \n ", "\u3164", "\u202e\u2066"])(
  "nothing to be seen is shown as such: %o",
  (text) => {
    expect(legible(text)).toBe("…");
  },
);

test("takes no time, however long", () => {
  for (const text of [
    "\n ".repeat(1_000),
    `\n${" ".repeat(1_000)}\n${" ".repeat(997)}x`,
    "\u0301".repeat(2_000),
    "a\n".repeat(1_000),
  ]) {
    const begun = performance.now();
    legible(text);
    expect(performance.now() - begun).toBeLessThan(500);
  }
});
