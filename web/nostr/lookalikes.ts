/** Names that pass themselves off as something the page says itself. */

/** Letters of other scripts that look like Latin ones, each behind the one that it looks like. */
const LOOKALIKES: Record<string, string> = {
  a: "аɑα",
  b: "ьƅЬβвʙ",
  c: "сϲ",
  d: "ԁɗ",
  e: "еєεҽ",
  g: "ɡցгɢ",
  h: "һհнʜ",
  i: "іıιɩ",
  j: "јϳ",
  k: "кκ",
  l: "ӏǀ∣",
  m: "мμ",
  n: "пոηռɴ",
  o: "оοօ",
  p: "рρƿϸ",
  q: "ԛ",
  r: "ꭇᴦʀ",
  s: "ѕꜱ",
  t: "тτᴛ",
  u: "υսцʋᴜ",
  w: "ԝω",
  x: "хχ",
  y: "уγүʏ",
};
const LATIN = new Map(
  Object.entries(LOOKALIKES).flatMap(([latin, others]) =>
    [...others].map((other) => [other, latin] as const),
  ),
);

/** What a name looks like at a glance: letters and digits only, without marks, styles and cases. */
const skeleton = (name: string): string =>
  [...name.normalize("NFKD").toLowerCase()]
    .map((letter) => LATIN.get(letter) ?? (letter === "|" ? "l" : letter))
    .join("")
    .replace(/[^\p{L}\p{N}]/gu, "");

/** Whether a name looks like an npub, or like what the page calls people itself. */
export const isMisleading = (name: string): boolean =>
  /npub1|^npub[li]|^(the)?stranger$|^you$/.test(skeleton(name));

/** Signs by which pages say that they have checked somebody, with what changes their looks. */
export const CHECK_MARKS =
  /[\u2610-\u2612\u2705\u2713\u2714\u221a\u237b\u{10102}\u{1f5f3}\u{1f5f8}\u{1f5f9}]\p{M}*/gu;
