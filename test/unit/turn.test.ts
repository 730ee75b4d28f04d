import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { iceServers } from "../../edge/turn.ts";

const PERSON = "5c0e8a9d";
const NOW = 1_700_000_000_999;
const STUN = "stun:192.0.2.1:3478";
const TURN = ["turn:turn.example:3478?transport=udp", "turns:turn.example:5349"];

test("no server: none", () => {
  expect(iceServers({ stun: [] }, PERSON, NOW)).toEqual([]);
});

test("STUN needs no credentials", () => {
  expect(iceServers({ stun: [STUN] }, PERSON, NOW)).toEqual([{ urls: [STUN] }]);
});

test("fixed credentials are the same for everybody", () => {
  const turn = { urls: TURN, username: "all", credential: "of us" };
  expect(iceServers({ stun: [STUN], turn }, PERSON, NOW)).toEqual([{ urls: [STUN] }, turn]);
});

test("those of a shared secret name the person and the second in which they end", () => {
  const turn = { urls: TURN, secret: "s€cret", lifetime: 3_600_000 };
  const username = `1700003600:${PERSON}`;
  const credential = createHmac("sha1", "s€cret").update(username).digest("base64");
  expect(iceServers({ stun: [], turn }, PERSON, NOW)).toEqual([{ urls: TURN, username, credential }]);
});
