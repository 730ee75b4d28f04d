/** How good the way between the two browsers is, from the statistics (W3C webrtc-stats) of two moments. */

/**
 * `rttMs`: there and back. `lostShare`: of the packets of either direction, whichever lost more, from 0 to 1.
 * `framesDecoded`: of the partner's video, since the call began. `route`: whether it goes through a TURN server.
 */
export type Quality = {
  level: "good" | "fair" | "poor" | "unknown";
  rttMs: number | null;
  lostShare: number | null;
  inKbps: number;
  outKbps: number;
  framesDecoded: number;
  route: "direct" | "relay" | null;
};

/** As RTCPeerConnection.getStats() gives them: by id, each with `type` and `timestamp` (ms). */
export type Stats = ReadonlyMap<string, unknown>;
type Entry = Readonly<Record<string, unknown>>;

/** The limits of talking without noticing, and of understanding each other at all. */
const GOOD = { rttMs: 250, lostShare: 0.02 };
const FAIR = { rttMs: 500, lostShare: 0.08 };

/** Of the time between `before`, which may be empty, and `now`. */
export function quality(before: Stats, now: Stats): Quality {
  const pair = selectedPair(now);
  const rtt = pair && number(pair, "currentRoundTripTime");
  const rttMs = rtt === undefined ? null : Math.round(rtt * 1_000);
  const lostShare = worse(received(before, now), sent(before, now));
  return {
    level: pair ? level(rttMs, lostShare) : "unknown",
    rttMs,
    lostShare,
    inKbps: rate(before, pair, "bytesReceived"),
    outKbps: rate(before, pair, "bytesSent"),
    framesDecoded: total(now, "inbound-rtp", "framesDecoded"),
    route: pair ? route(now, pair) : null,
  };
}

/**
 * Grows with whatever comes from the partner's browser: media, data, and ICE's own questions and answers where the
 * browser counts them (Firefox does not); undefined if it does not know, which without `media` may be.
 */
export function arrived(stats: Stats, media: boolean): number | undefined {
  const pair = selectedPair(stats);
  const ice = pair && number(pair, "responsesReceived");
  if (!pair || (ice === undefined && !media)) return undefined;
  return (ice ?? 0) + (number(pair, "requestsReceived") ?? 0) + (number(pair, "bytesReceived") ?? 0);
}

function level(rttMs: number | null, lostShare: number | null): Quality["level"] {
  const isWithin = (limit: typeof GOOD) => (rttMs ?? 0) <= limit.rttMs && (lostShare ?? 0) <= limit.lostShare;
  if (rttMs === null && lostShare === null) return "unknown";
  if (isWithin(GOOD)) return "good";
  return isWithin(FAIR) ? "fair" : "poor";
}

/** What the partner's packets lost on the way here. */
function received(before: Stats, now: Stats): number | null {
  const gained = (field: string) => total(now, "inbound-rtp", field) - total(before, "inbound-rtp", field);
  return share(gained("packetsLost"), gained("packetsLost") + gained("packetsReceived"));
}

/** What one's own lost on the way there, as the partner reports it. */
function sent(before: Stats, now: Stats): number | null {
  const gained = (type: string, field: string) => total(now, type, field) - total(before, type, field);
  return share(gained("remote-inbound-rtp", "packetsLost"), gained("outbound-rtp", "packetsSent"));
}

/** Late packets make for a negative loss. */
const share = (lost: number, all: number): number | null =>
  all > 0 ? Math.min(1, Math.max(0, lost / all)) : null;

const worse = (one: number | null, other: number | null): number | null =>
  one === null ? other : Math.max(one, other ?? 0);

function selectedPair(stats: Stats): Entry | undefined {
  const transport = entries(stats, "transport").find((entry) => entry["selectedCandidatePairId"]);
  if (transport) return entry(stats, transport["selectedCandidatePairId"]);
  // Firefox says it of the pair.
  return entries(stats, "candidate-pair").find((pair) => pair["selected"] === true);
}

function route(stats: Stats, pair: Entry): Quality["route"] {
  const ends = [entry(stats, pair["localCandidateId"]), entry(stats, pair["remoteCandidateId"])];
  return ends.some((end) => end?.["candidateType"] === "relay") ? "relay" : "direct";
}

/** In kbit/s (bit/ms), if it is the same pair as before. */
function rate(before: Stats, pair: Entry | undefined, field: string): number {
  const old = pair && entry(before, pair["id"]);
  if (!old) return 0;
  const ms = (number(pair, "timestamp") ?? 0) - (number(old, "timestamp") ?? 0);
  const bytes = (number(pair, field) ?? 0) - (number(old, field) ?? 0);
  return ms > 0 && bytes > 0 ? Math.round((bytes * 8) / ms) : 0;
}

const total = (stats: Stats, type: string, field: string): number =>
  entries(stats, type).reduce((sum, each) => sum + (number(each, field) ?? 0), 0);

const entries = (stats: Stats, type: string): Entry[] =>
  [...stats.values()].filter(isEntry).filter((each) => each["type"] === type);

const entry = (stats: Stats, id: unknown): Entry | undefined => {
  const found = typeof id === "string" ? stats.get(id) : undefined;
  return isEntry(found) ? found : undefined;
};

const isEntry = (value: unknown): value is Entry => typeof value === "object" && value !== null;

const number = (entry: Entry, field: string): number | undefined => {
  const value = entry[field];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
};
