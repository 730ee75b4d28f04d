import { expect, test } from "vitest";
import { openDoor } from "../../../edge/doors.ts";
import { Pings } from "../../../edge/lobby/pings.ts";
import { arrival } from "../../../edge/socket-io/door.ts";

const TIMEOUT = 90_000;

function sit(pinged: string[][], state: Parameters<typeof openDoor>[0]) {
  const door = openDoor(state, TIMEOUT);
  return { door, ping: (now: number) => void pinged.push(door.ping(now)) };
}

test("nobody is pinged, and no alarm is due, among clients of /ws", () => {
  const pinged: string[][] = [];
  const pings = new Pings({ all: [sit(pinged, { name: "native" }), sit(pinged, { name: "native" })] });
  expect(pings.due).toBe(Number.POSITIVE_INFINITY);
  pings.run(1e15);
  expect(pinged).toEqual([]);
});

test("clients of Socket.IO are pinged together, at an interval that the first of them began", () => {
  const pinged: string[][] = [];
  const all = [sit(pinged, { name: "native" }), sit(pinged, arrival(false, 1_000))];
  const pings = new Pings({ all });
  expect(pings.due).toBe(61_000);
  const late = sit(pinged, arrival(false, 60_000));
  all.push(late);
  pings.expect(late);
  pings.run(60_999);
  expect(pinged).toEqual([]);
  pings.run(61_000);
  expect(pinged).toEqual([["2"], ["2"]]);
  expect(pings.due).toBe(121_000);
});

test("what is known of a connection says when its next ping is due, also to a lobby that has forgotten", () => {
  const seat = sit([], arrival(false, 0));
  seat.ping(60_000);
  const again = openDoor(structuredClone(seat.door.state), TIMEOUT);
  expect(new Pings({ all: [{ door: again, ping: () => {} }] }).due).toBe(120_000);
});

test("after the last of them has gone nothing is due any more", () => {
  const all = [sit([], arrival(false, 0))];
  const pings = new Pings({ all });
  all.pop();
  pings.run(60_000);
  expect(pings.due).toBe(Number.POSITIVE_INFINITY);
});
