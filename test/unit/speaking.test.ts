/** What is said to a relay: together, and replies only while they may be said. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { Speaking } from "../../worker/speaking.ts";

const setUp = () => {
  const written: string[][] = [];
  const state = { mayReply: true };
  const speaking = new Speaking(
    (frames) => written.push(frames),
    () => state.mayReply,
  );
  return { speaking, written, state };
};

test("what a turn of the event loop has to say is one write, in order", async () => {
  const { speaking, written } = setUp();
  speaking.say("a request");
  speaking.publish("1", "ana", "a reply");
  speaking.say("another");
  expect(written).toEqual([]);
  await nextTurn();
  expect(written).toEqual([["a request", "a reply", "another"]]);
});

test("a reply that may not be said any more at the moment of writing waits, and goes out when it may", async () => {
  const { speaking, written, state } = setUp();
  speaking.publish("1", "ana", "a reply");
  speaking.say("a request");
  state.mayReply = false;
  await nextTurn();
  expect(written).toEqual([["a request"]]);
  state.mayReply = true;
  speaking.again();
  await nextTurn();
  expect(written.at(-1)).toEqual(["a reply"]);
});

test("what was withdrawn is not said, neither now nor after a reconnect", async () => {
  const { speaking, written } = setUp();
  speaking.publish("1", "ana", "of Ana");
  speaking.publish("2", "ben", "of Ben");
  speaking.withdraw(new Set(["ana"]));
  await nextTurn();
  speaking.lost();
  speaking.again();
  await nextTurn();
  expect(written).toEqual([["of Ben"], ["of Ben"]]);
  speaking.settle("2", true);
  speaking.again();
  await nextTurn();
  expect(written.at(-1)).toEqual([]);
});
