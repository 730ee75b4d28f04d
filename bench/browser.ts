/** What a browser says to connect, in the size that it has. */

export type Candidate = {
  candidate: string;
  sdpMid: string;
  sdpMLineIndex: number;
  usernameFragment: string;
};

/** What is told to the other side. */
export type Signal = { description: object } | { candidates: Candidate[] };

/** Of each side. */
export const CANDIDATES = 10;
/** In how many messages a client sends them that batches: what it finds itself, and what servers tell it. */
const BATCHES = 2;

/** Characters: Chromium's offer of sound and picture. */
const SDP_LENGTH = 6_000;
const SDP = "a=rtpmap:96 VP8/90000\r\n".repeat(Math.ceil(SDP_LENGTH / 23)).slice(0, SDP_LENGTH);

export const description = (type: "offer" | "answer"): Signal => ({ description: { type, sdp: SDP } });

export const candidate = (index: number, usernameFragment = "EsAw"): Candidate => ({
  candidate: `candidate:${842163049 + index} 1 udp 1677729535 192.0.2.${index % 256} 46154 typ srflx raddr 0.0.0.0 rport 0 generation 0 ufrag EsAw network-cost 999`,
  sdpMid: "0",
  sdpMLineIndex: 0,
  usernameFragment,
});

const ALL = Array.from({ length: CANDIDATES }, (_, index) => candidate(index));

/** All candidates of one side, message by message. */
export const trickle = (isBatched: boolean): Signal[] => {
  const size = isBatched ? CANDIDATES / BATCHES : 1;
  return Array.from({ length: CANDIDATES / size }, (_, index) => ({
    candidates: ALL.slice(index * size, (index + 1) * size),
  }));
};
