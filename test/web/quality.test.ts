import { describe, expect, test } from "vitest";
import { quality, type Stats } from "../../web/client/quality.ts";

type Numbers = {
  at?: number;
  rtt?: number;
  in?: number;
  out?: number;
  received?: number;
  lost?: number;
  sent?: number;
  theyLost?: number;
  frames?: number;
};
const NONE = { at: 0, rtt: 0.05, in: 0, out: 0, received: 0, lost: 0, sent: 0, theyLost: 0, frames: 0 };

/** As Chromium has them, of audio and video each half. */
function stats(numbers: Numbers = {}, local = "host", remote = "srflx"): Stats {
  const { at, rtt, received, lost, sent, theyLost, frames, ...bytes } = { ...NONE, ...numbers };
  const entries: { id: string; type: string; [field: string]: unknown }[] = [
    { id: "T", type: "transport", selectedCandidatePairId: "P" },
    {
      id: "P",
      type: "candidate-pair",
      timestamp: at,
      currentRoundTripTime: rtt,
      bytesReceived: bytes.in,
      bytesSent: bytes.out,
      localCandidateId: "L",
      remoteCandidateId: "R",
    },
    {
      id: "P2",
      type: "candidate-pair",
      currentRoundTripTime: 9,
      localCandidateId: "R",
      remoteCandidateId: "L",
    },
    { id: "L", type: "local-candidate", candidateType: local },
    { id: "R", type: "remote-candidate", candidateType: remote },
    { id: "A", type: "inbound-rtp", kind: "audio", packetsReceived: received / 2, packetsLost: lost / 2 },
    {
      id: "V",
      type: "inbound-rtp",
      kind: "video",
      packetsReceived: received / 2,
      packetsLost: lost / 2,
      framesDecoded: frames,
    },
    { id: "OA", type: "outbound-rtp", packetsSent: sent / 2 },
    { id: "OV", type: "outbound-rtp", packetsSent: sent / 2 },
    { id: "RA", type: "remote-inbound-rtp", packetsLost: theyLost },
  ];
  return new Map(entries.map((entry) => [entry.id, entry]));
}

test("of what was between two moments", () => {
  const before = stats({ at: 1_000, in: 1_000, out: 5_000, received: 100, lost: 50, sent: 200, frames: 30 });
  const now = stats({
    at: 3_000,
    in: 251_000,
    out: 130_000,
    received: 298,
    lost: 52,
    sent: 400,
    theyLost: 3,
    frames: 90,
  });
  expect(quality(before, now)).toEqual({
    level: "good",
    rttMs: 50,
    lostShare: 0.015,
    inKbps: 1_000,
    outKbps: 500,
    framesDecoded: 90,
    route: "direct",
  });
});

test("before anything is known", () => {
  const nothing = new Map();
  const unknown = {
    level: "unknown",
    rttMs: null,
    lostShare: null,
    inKbps: 0,
    outKbps: 0,
    framesDecoded: 0,
    route: null,
  };
  expect(quality(nothing, nothing)).toEqual(unknown);
  const odd = new Map<string, unknown>([
    ["T", { type: "transport", selectedCandidatePairId: "gone" }],
    ["X", null],
    ["Y", { type: "inbound-rtp", framesDecoded: "many", packetsLost: Number.NaN }],
  ]);
  expect(quality(odd, odd)).toEqual(unknown);
});

describe("the level", () => {
  test.each<[string, Numbers]>([
    ["good", { rtt: 0.25, received: 98, lost: 2 }],
    ["fair", { rtt: 0.26, received: 100 }],
    ["fair", { received: 92, lost: 8 }],
    ["fair", { sent: 100, theyLost: 5 }],
    ["poor", { rtt: 0.51 }],
    ["poor", { received: 90, lost: 10 }],
    ["poor", { received: 100, sent: 100, theyLost: 9 }],
  ])("is %s of %o", (level, numbers) => {
    expect(quality(stats(), stats(numbers)).level).toBe(level);
  });

  test("in a call of words it is that of the round trip", () => {
    expect(quality(stats(), stats())).toMatchObject({ level: "good", lostShare: null });
  });

  test("packets that come late after all are no loss", () => {
    const before = stats({ received: 100, lost: 10 });
    expect(quality(before, stats({ received: 200, lost: 5 })).lostShare).toBe(0);
  });
});

test("a relay at either end is a relay", () => {
  expect(quality(stats(), stats({}, "relay", "host")).route).toBe("relay");
  expect(quality(stats(), stats({}, "prflx", "relay")).route).toBe("relay");
});

test("Firefox says of a pair that it is the selected one", () => {
  const now = new Map<string, unknown>([
    ["1", { id: "1", type: "candidate-pair", selected: false, currentRoundTripTime: 9 }],
    ["2", { id: "2", type: "candidate-pair", selected: true, currentRoundTripTime: 0.03 }],
  ]);
  expect(quality(new Map(), now)).toMatchObject({ rttMs: 30, level: "good", route: "direct" });
});

test("after a change of the pair there is no rate until the next time", () => {
  const before = new Map<string, unknown>([
    ["P0", { id: "P0", type: "candidate-pair", bytesReceived: 9_000_000 }],
  ]);
  expect(quality(before, stats({ at: 1_000, in: 10_000 }))).toMatchObject({ inKbps: 0 });
});
