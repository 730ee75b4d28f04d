import { expect, test } from "vitest";
import { type Candidate, Candidates } from "../../web/client/candidates.ts";
import { HandTiming } from "./hand-timing.ts";

const named = (name: number) => ({
  candidate: `candidate:${name}`,
  sdpMid: "0",
  sdpMLineIndex: 0,
  usernameFragment: "a",
});

function start() {
  const timing = new HandTiming();
  const sent: Candidate[][] = [];
  return { timing, sent, candidates: new Candidates((batch) => sent.push(batch), timing) };
}

test("what comes within 50 ms of the first goes out together", () => {
  const { timing, sent, candidates } = start();
  candidates.add(named(1));
  timing.pass(49);
  candidates.add(named(2));
  expect(sent).toEqual([]);
  timing.pass(1);
  expect(sent).toEqual([[named(1), named(2)]]);
  candidates.add(named(3));
  timing.pass(50);
  expect(sent[1]).toEqual([named(3)]);
  expect(timing.pending).toEqual([]);
});

test("32 go out at once", () => {
  const { timing, sent, candidates } = start();
  for (let name = 0; name < 33; name += 1) candidates.add(named(name));
  expect(sent.map(({ length }) => length)).toEqual([32]);
  timing.pass(50);
  expect(sent.map(({ length }) => length)).toEqual([32, 1]);
});

test("only what the protocol knows of a candidate goes out", () => {
  const { timing, sent, candidates } = start();
  const more = { ...named(1), address: "192.0.2.1" };
  candidates.add(more);
  timing.pass(50);
  expect(sent).toEqual([[named(1)]]);
});

test("what is dropped never goes out", () => {
  const { timing, sent, candidates } = start();
  candidates.add(named(1));
  candidates.drop();
  expect(timing.pending).toEqual([]);
  candidates.add(named(2));
  timing.pass(50);
  expect(sent).toEqual([[named(2)]]);
});
