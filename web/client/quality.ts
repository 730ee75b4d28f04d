/** How good a connection is, from the statistics of two moments. */
export type Quality = {
  level: "good" | "fair" | "poor" | "unknown";
  /** There and back, in ms. */
  rttMs: number | null;
  /** Of the packets of either direction, whichever lost more: 0 to 1. */
  lostShare: number | null;
  /** Received and sent, in kbit/s. */
  inKbps: number;
  outKbps: number;
  /** Of the partner's video, since the call began. */
  framesDecoded: number;
  /** Whether it goes through a TURN server. */
  route: "direct" | "relay" | null;
};
