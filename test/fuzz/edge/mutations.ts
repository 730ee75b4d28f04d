/** What is right, with something wrong in it: in the value, and in the text that stands for it. */
import fc from "fast-check";
import { text } from "./values.ts";

const deep = (depth: number): unknown => JSON.parse("[".repeat(depth) + "]".repeat(depth));
const NAMES = [
  "__proto__",
  "constructor",
  "toString",
  "toJSON",
  "length",
  "type",
  "matchId",
  "data",
  "x",
  "",
];
const NUMBERS = [0, -1, 0.5, 33, 65_536, 2 ** 53, -(2 ** 63), 1.7e308, 5e-324];

const hostile = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(...NUMBERS, null, true, {}, [], "", "\u0000", "\ud800", "\ufeff", "ping", "2"),
  fc.constantFrom(deep(31), deep(33), deep(2_000), Array(2_001).fill(0), "x".repeat(3_000)),
  text(0, 200),
  fc.dictionary(fc.constantFrom(...NAMES), fc.constantFrom<unknown>(1, {}, "x")),
);

type Place = { holder: Record<string, unknown>; key: string };

/** Every value inside a value. */
function places(whole: object): Place[] {
  const all: Place[] = [];
  const holders: unknown[] = [whole];
  for (let holder = holders.pop(); holder !== undefined; holder = holders.pop()) {
    if (!isHolder(holder)) continue;
    for (const key of Object.keys(holder)) {
      all.push({ holder, key });
      holders.push(holder[key] ?? null);
    }
  }
  return all;
}

const isHolder = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

type Change = (place: Place, value: unknown, name: string) => void;

const CHANGES: Change[] = [
  ({ holder, key }, value) => set(holder, key, value),
  ({ holder, key }) => delete holder[key],
  ({ holder }, value, name) => set(holder, name, value),
  ({ holder, key }, _, name) => {
    set(holder, name, holder[key]);
    delete holder[key];
  },
  ({ holder, key }) => set(holder, key, [holder[key]]),
  ({ holder, key }) => set(holder, key, { [key]: holder[key] }),
  ({ holder, key }) => set(holder, key, `${JSON.stringify(holder[key])}`.slice(0, 40).repeat(70)),
];

/** Also what an assignment would take for the prototype. */
function set(holder: object, key: string, value: unknown): void {
  if (Array.isArray(holder) && key === "length") return;
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

/** A value with one to three changes in it. */
export const mutated = (values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc
    .tuple(
      values,
      fc.array(fc.tuple(fc.nat(), fc.constantFrom(...CHANGES), hostile, fc.constantFrom(...NAMES)), {
        minLength: 1,
        maxLength: 3,
      }),
    )
    .map(([value, changes]) => {
      const whole = { value: structuredClone(value) };
      for (const [index, change, other, name] of changes) {
        const all = places(whole);
        const place = all[index % all.length];
        if (place) change(place, structuredClone(other), name);
      }
      return whole.value;
    });

const PIECES = [
  "{",
  "}",
  "[",
  "]",
  '"',
  ",",
  ":",
  "\\",
  "\\u",
  "\\ud800",
  "\u0000",
  "\ufeff",
  "\ud83d",
  "-",
  "e9",
];
const TOKENS = [
  "null",
  "1e999",
  "-0",
  "NaN",
  "1".repeat(400),
  '"__proto__":{},',
  "/**/",
  '"type":"stop",',
  "\x1e",
];

/** A text that was cut, or had something put in, doubled or taken out. */
export const garbled = (texts: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(texts, fc.nat(), fc.nat({ max: 8 }), fc.constantFrom(...PIECES, ...TOKENS), fc.nat({ max: 3 }))
    .map(([whole, at, length, piece, how]) => {
      const from = whole === "" ? 0 : at % whole.length;
      const [before, slice, after] = [
        whole.slice(0, from),
        whole.slice(from, from + length),
        whole.slice(from + length),
      ];
      return (
        [before, before + piece + slice + after, before + slice + slice + after, before + piece + after][
          how
        ] ?? ""
      );
    });
