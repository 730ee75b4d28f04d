import { beforeEach, describe, expect, test } from "vitest";
import { Link } from "../../web/client/link.ts";
import { HandTiming } from "./hand-timing.ts";

let timing: HandTiming;
let link: Link;
/** When ICE was restarted, in seconds since the beginning. */
let restarts: number[];
let states: string[];
beforeEach(() => {
  timing = new HandTiming();
  const start = timing.now();
  restarts = [];
  states = [];
  const host = {
    restartIce: () => restarts.push((timing.now() - start) / 1_000),
    changed: () => states.push(link.state),
  };
  link = new Link(host, timing);
});
const pass = (seconds: number) => timing.pass(seconds * 1_000);

describe("at first", () => {
  test("it connects, and nothing is left running", () => {
    link.hear("connecting");
    expect(link.state).toBe("connecting");
    link.hear("connected");
    expect(states).toEqual(["connected"]);
    expect(timing.pending).toEqual([]);
  });

  test("after 30 s in vain it has failed", () => {
    pass(29.9);
    expect(link.state).toBe("connecting");
    pass(0.1);
    expect(states).toEqual(["failed"]);
    expect(restarts).toEqual([]);
    expect(timing.pending).toEqual([]);
  });

  test("what fails is restarted at once, and is still no reconnecting", () => {
    pass(2);
    link.hear("failed");
    expect(restarts).toEqual([2]);
    expect(link.state).toBe("connecting");
  });
});

describe("once it was up", () => {
  beforeEach(() => {
    link.hear("connected");
    states = [];
  });

  test("what is disconnected for less than 3 s comes back by itself", () => {
    link.hear("disconnected");
    expect(link.state).toBe("reconnecting");
    pass(2.9);
    link.hear("connected");
    pass(60);
    expect(states).toEqual(["reconnecting", "connected"]);
    expect(restarts).toEqual([]);
  });

  test("else ICE is restarted after 3 s, every 10 s from then on, and not any more after 30 s in all", () => {
    link.hear("disconnected");
    pass(60);
    expect(restarts).toEqual([3, 13, 23]);
    expect(states).toEqual(["reconnecting", "failed"]);
    expect(timing.pending).toEqual([]);
  });

  test("what has failed is restarted at once, but no sooner than 5 s after the last time", () => {
    link.hear("failed");
    pass(1);
    link.hear("connecting");
    link.hear("failed");
    pass(3.9);
    expect(restarts).toEqual([0]);
    pass(0.1);
    expect(restarts).toEqual([0, 5]);
  });

  test("the 30 s are not begun anew by every failure", () => {
    for (let second = 0; second < 30; second += 6) {
      link.hear(second % 12 === 0 ? "disconnected" : "failed");
      pass(6);
    }
    expect(link.state).toBe("failed");
  });

  test("another network is a reason to restart, even though all seems well", () => {
    pass(100);
    link.restart();
    link.restart();
    expect(restarts).toEqual([100]);
    expect(link.state).toBe("connected");
    pass(5);
    expect(restarts).toEqual([100, 105]);
    pass(60);
    expect(restarts).toHaveLength(2);
  });
});

describe("given up", () => {
  beforeEach(() => {
    link.hear("connected");
    link.hear("failed");
    pass(30);
    restarts = [];
    states = [];
  });

  test("it is sought again when somebody asks for it, for 30 s", () => {
    link.hear("failed");
    expect(link.state).toBe("failed");
    link.restart();
    expect(restarts).toEqual([30]);
    pass(30);
    expect(states).toEqual(["reconnecting", "failed"]);
  });

  test("it may still come back by itself", () => {
    link.hear("connected");
    expect(states).toEqual(["connected"]);
  });
});
