import { serialize } from "node:v8";
import { expect, test } from "vitest";
import { normalizeInterests } from "../../edge/interests.ts";
import { newcomer, noteBlock, noteMeeting, noteSkip, type Person } from "../../edge/person.ts";

const ATTACHMENT = 16_384;
/** What a token may have, and what else stands in an attachment or around the person in a token. */
const TOKEN = 32_768;
const AROUND = 1_500;

const id = (n: number) => n.toString(16).padStart(8, "0").repeat(4);
const address = (n: number) => n.toString(16).padStart(8, "1").repeat(8);
const npub = (n: number) => `npub1${n.toString(32).padStart(8, "q").padEnd(58, "q")}`;
/** By its beginning. */
const mark = (name: string) => name.slice(0, 20);
const somebody = (n: number) => ({ id: id(n), address: address(n), npub: npub(n) });

/** Somebody of whom as much is known as can be. */
function wellKnown(): Person {
  const person = { ...newcomer(id(0), id(1), address(0)), npub: npub(0) };
  for (let n = 1; n < 500; n += 1) {
    noteSkip(person, somebody(n), Date.now(), 0);
    noteBlock(person, somebody(n));
    noteMeeting(person, somebody(n));
  }
  const interests = Array.from({ length: 8 }, (_, n) => `${n}`.padEnd(32, "好"));
  person.wish = { mode: "video", interests };
  person.last = { matchId: crypto.randomUUID(), partner: somebody(1) };
  person.state = {
    at: "matched",
    matchId: crypto.randomUUID(),
    since: Date.now(),
    role: "impolite",
    interests,
    hasMet: true,
    partner: somebody(2),
  };
  return person;
}

test("whatever somebody does, they fit into an attachment and into a token", () => {
  const person = wellKnown();
  expect(serialize(person).length + AROUND).toBeLessThan(ATTACHMENT);
  const sealed = new TextEncoder().encode(JSON.stringify(person)).length + AROUND;
  expect((sealed * 4) / 3).toBeLessThan(TOKEN);
});

test("the latest are remembered, and nobody twice", () => {
  const person = wellKnown();
  noteMeeting(person, somebody(480));
  const marks = [mark(address(480)), mark(npub(480))];
  expect(person.met.slice(-2)).toEqual(marks);
  expect(new Set(person.met).size).toBe(person.met.length);
  expect(person.blocked).toContain(mark(npub(499)));
  expect(person.skips.at(-1)?.slice(1)).toEqual([mark(address(499)), mark(npub(499))]);
});

test("who shares the address is known by session and key", () => {
  const person = newcomer(id(0), id(1), address(0));
  const housemate = { ...somebody(1), address: address(0) };
  const skip = noteSkip(person, housemate, 1, 0);
  noteBlock(person, housemate);
  noteMeeting(person, { ...housemate, npub: null });
  expect(skip).toEqual([1, mark(id(1)), mark(npub(1))]);
  expect(person.blocked).toEqual([mark(id(1)), mark(npub(1))]);
  expect(person.met).toEqual([mark(id(1))]);
});

test("skips that do not matter any more are forgotten", () => {
  const person = newcomer(id(0), id(1), address(0));
  noteSkip(person, { ...somebody(1), npub: null }, 1_000, 0);
  noteSkip(person, { ...somebody(2), npub: null }, 2_000, 1_000);
  expect(person.skips).toEqual([[2_000, mark(address(2))]]);
});

test.each([
  [["Jazz", " jazz ", "JAZZ"], ["jazz"]],
  [["chess\u00a0 problems", "Chess Problems"], ["chess problems"]],
  [["ﬁlm", "film"], ["film"]],
  [["", " ", "\u3000"], []],
  [["ﷺ".repeat(32)], [[..."ﷺ".repeat(32).normalize("NFKC")].slice(0, 32).join("").trim()]],
])("interests %j are compared as %j", (interests, normal) => {
  expect(normalizeInterests(interests)).toEqual(normal);
});
