/** How good the way between the two browsers is, from the statistics of two moments. */

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
