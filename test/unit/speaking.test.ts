/** What is said to a relay: together, and replies only while they may be said. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
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
  speaking.answered("2", "taken");
  speaking.again();
  await nextTurn();
  expect(written.at(-1)).toEqual([]);
});

describe("what a relay does not take yet", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "clearImmediate", "Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Replies by their ids to a relay that takes none of them at first; how many were said, each tenth of a second. */
  const refuse = (count: number) => {
    const { speaking, written, state } = setUp();
    const ids = Array.from({ length: count }, (_, index) => String(index));
    for (const id of ids) speaking.publish(id, "ana", id);
    vi.advanceTimersByTime(1);
    for (const id of ids) speaking.answered(id, "later");
    const from = written.length;
    const pass = (milliseconds: number, answer: "later" | "taken") => {
      const rounds: number[] = [];
      for (let passed = 0; passed < milliseconds; passed += 100) {
        const before = written.length;
        vi.advanceTimersByTime(100);
        const said = written.slice(before).flat();
        if (said.length > 0) rounds.push(said.length);
        for (const id of said) speaking.answered(id, answer);
      }
      return rounds;
    };
    return { speaking, state, pass, said: () => written.slice(from).flat() };
  };

  test("is said again until it is taken, once each", () => {
    const { pass, said } = refuse(3);
    expect(pass(60_000, "taken")).toEqual([3]);
    expect(said()).toEqual(["0", "1", "2"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("is said ever more rarely, and not for longer than a minute", () => {
    const { pass } = refuse(100);
    const rounds = pass(120_000, "later");
    expect(rounds.slice(0, 5)).toEqual([8, 4, 2, 1, 1]);
    expect(rounds.length).toBeLessThan(14);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("is said ever more of at a time once the relay takes it", () => {
    const { pass, said } = refuse(500);
    pass(2_000, "later");
    const rounds = pass(20_000, "taken");
    expect(Math.max(...rounds)).toBeGreaterThan(100);
    expect(new Set(said()).size).toBe(500);
  });

  test("is said at once on a new connection, and never once it is refused for good or withdrawn", () => {
    const { speaking, pass, said } = refuse(3);
    speaking.answered("0", "never");
    speaking.withdraw(new Set(["ben"]));
    speaking.lost();
    speaking.again();
    expect(pass(100, "later")).toEqual([2]);
    expect(said()).toEqual(["1", "2"]);
    speaking.withdraw(new Set(["ana"]));
    expect(pass(60_000, "later")).toEqual([]);
  });

  test("waits while replies may not be said, and goes on when they may", () => {
    const { speaking, state, pass } = refuse(1);
    state.mayReply = false;
    expect(pass(5_000, "taken")).toEqual([]);
    state.mayReply = true;
    speaking.again();
    expect(pass(5_000, "taken")).toEqual([1]);
  });
});
