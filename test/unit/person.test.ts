import { serialize } from "node:v8";
import { expect, test } from "vitest";
import { normalizeInterests } from "../../edge/interests.ts";
import { newcomer, noteBlock, noteMeeting, noteSkip, type Person } from "../../edge/person.ts";

const ATTACHMENT = 16_384;
/** What a token may have, and what else stands in an attachment or around the person in a token. */
const TOKEN = 32_768;
const AROUND = 1_500;

const id = (n: number) => n.toString(16).padStart(32, "0");
const address = (n: number) => n.toString(16).padStart(64, "0");
const npub = (n: number) => `npub1${n.toString(32).padStart(58, "q")}`;
const somebody = (n: number) => ({ id: id(n), address: address(n), npub: npub(n) });

/** Somebody of whom as much is known as can be. */
function wellKnown(): Person {
  const person = { ...newcomer(id(0), id(1), address(0)), npub: npub(0) };
  for (let n = 1; n < 500; n += 1) {
    noteSkip(person, [id(n), Date.now()], 0);
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
  expect(person.met.at(-1)).toBe(id(480));
  expect(new Set(person.met).size).toBe(person.met.length);
  expect(person.blocked).toContain(npub(499));
  expect(person.skips.at(-1)?.[0]).toBe(id(499));
});

test("skips that do not matter any more are forgotten", () => {
  const person = newcomer(id(0), id(1), address(0));
  noteSkip(person, [id(1), 1_000], 0);
  noteSkip(person, [id(2), 2_000], 1_000);
  expect(person.skips).toEqual([[id(2), 2_000]]);
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
