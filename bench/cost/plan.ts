/**
 * What people do in an evening, drawn by lot, the same in every run. The evening passes ten times as fast as it would,
 * with a tenth of the people: so a lobby meets as many of everything in a second as one with ten times as many.
 */

/** Evening seconds in a second. */
export const SPEED = 10;

/** Who comes: so many, evenly over so many evening seconds. */
export interface Traffic {
  visitors: number;
  seconds: number;
  /** Whom one meets in a visit, on average; it is at least half and at most one and a half times as many. */
  conversations: number;
}

/** Times are in evening seconds. */
export interface Plan {
  comesAt: number;
  interests: string[];
  /** Proves who they are, with a key of their own. */
  signsIn: boolean;
  conversations: Conversation[];
}

export interface Conversation {
  /** After this they go on, if the other one does not before. */
  patience: number;
  /** What they write meanwhile. */
  lines: number;
  /** Their connection drops, and they come back. */
  drops: boolean;
  reports: boolean;
}

const INTERESTS = ["music", "games", "cooking", "football", "films", "travel", "books", "bitcoin"];

const HABITS = {
  /** Of one side; the pair's is half of it. */
  meanPatience: 80,
  havingInterests: 0.5,
  signingIn: 0.1,
  chatting: 0.3,
  lines: 3,
  secondsPerLine: 20,
  dropping: 0.005,
  reporting: 0.001,
};

export const planEvening = ({ visitors, seconds, conversations }: Traffic): Plan[] => {
  const random = lots();
  const happens = (share: number) => random() < share;
  const conversation = (): Conversation => {
    const patience = Math.max(2, -Math.log(1 - random()) * HABITS.meanPatience);
    return {
      patience,
      lines: happens(HABITS.chatting)
        ? Math.min(HABITS.lines, Math.floor(patience / HABITS.secondsPerLine))
        : 0,
      drops: happens(HABITS.dropping),
      reports: happens(HABITS.reporting),
    };
  };
  return Array.from({ length: visitors }, (_, index) => ({
    comesAt: (index * seconds) / visitors,
    interests: happens(HABITS.havingInterests) ? INTERESTS.filter(() => happens(0.25)) : [],
    signsIn: happens(HABITS.signingIn),
    conversations: Array.from({ length: Math.round(conversations * (0.5 + random())) }, conversation),
  }));
};

/** Numbers from 0 to 1, drawn as mulberry32 does. */
const lots = (): (() => number) => {
  let state = 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};
