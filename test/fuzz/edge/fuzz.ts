/**
 * Throws hostile frames at both doors of the edge, in workerd, from strangers who come and go, while others talk and
 * meet in the same lobby: and watches that no exception reaches the runtime, and that nobody is told what they could
 * not expect.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { startEdge } from "../../support/edge.ts";
import type { DoorName } from "./frames.ts";
import { type Around, couple, meetAll, talk } from "./healthy.ts";
import { visit } from "./visit.ts";

export interface EdgeFuzzOptions {
  seed: number;
  /** How many hostile frames, at the least. */
  frames: number;
  onProgress?(done: number): void;
}

export interface EdgeFuzzResult {
  /** Hostile frames that the lobby has dealt with, by door. */
  frames: Record<DoorName, number>;
  visits: number;
  /** Why hostile visitors were refused something, and with which codes they ended. */
  refusals: Record<string, number>;
  ends: Record<string, number>;
  /** How often each couple was heard by each other, and what those were told who met the hostile ones. */
  said: number[];
  heard: number;
  /** What should not have happened. */
  troubles: string[];
}

const VISITORS = 16;
/** Frames after which everybody rests for so long (milliseconds) that the lobby goes to sleep and loses its memory. */
const ROUND = 200_000;
const REST = 13_000;
/** One in so many comes from an address that many come from: the limits of one address are for them. */
const FROM_ONE_ADDRESS = 8;
const ONE_ADDRESS = "192.0.2.1";

const VARS = {
  // All in one lobby, whatever they search.
  LOBBY_MAX_SEARCHES_PER_SECOND: "1000000",
  RATE_LIMIT_MAX_REQUESTS: "100",
  // Nobody is waited for so long that the lobby is full of them.
  MAX_DISCONNECTION_DURATION_MS: "2000",
};

export async function fuzzEdge({
  seed,
  frames: target,
  onProgress,
}: EdgeFuzzOptions): Promise<EdgeFuzzResult> {
  const result: EdgeFuzzResult = {
    frames: { native: 0, "socket.io": 0 },
    visits: 0,
    refusals: {},
    ends: {},
    said: [],
    heard: 0,
    troubles: [],
  };
  const onFlaw = (what: string) => result.troubles.push(what);
  const edge = await startEdge({ vars: VARS, onTrouble: onFlaw });
  let addresses = 0;
  const nextAddress = () => {
    addresses += 1;
    return `198.${18 + (addresses >> 16)}.${(addresses >> 8) & 255}.${addresses & 255}`;
  };
  const done = () => result.frames.native + result.frames["socket.io"];
  let goal = 0;
  const isOver = () => done() >= goal || result.troubles.length > 0;
  const around: Around = { url: edge.url, nextAddress, onFlaw, isOver };
  const loot = { token: "none yet" };

  const strangers = async (): Promise<void> => {
    while (!isOver()) {
      const number = result.visits;
      result.visits += 1;
      const door = number % 2 === 0 ? "native" : "socket.io";
      const address = number % FROM_ONE_ADDRESS === 0 ? ONE_ADDRESS : nextAddress();
      const onRefusal = (why: string) => count(result.refusals, why);
      const { frames, end } = await visit({
        url: edge.url,
        address,
        door,
        seed: seed + number,
        loot,
        onRefusal,
        onFlaw,
      });
      result.frames[door] += frames;
      count(result.ends, String(end));
      onProgress?.(done());
    }
  };

  // Before anybody else is there for them to meet.
  const couples = [
    await couple(["native", "native"], around),
    await couple(["socket.io", "socket.io"], around),
    await couple(["native", "socket.io"], around),
  ];
  result.said = couples.map(() => 0);
  while (done() < target && result.troubles.length === 0) {
    if (done() > 0) await sleep(REST);
    goal = Math.min(target, done() + ROUND);
    const talking = couples.map((pair) => talk(pair, around));
    const meeting = (["native", "socket.io", "native", "socket.io"] as const).map((door) =>
      meetAll(door, around),
    );
    await Promise.all(Array.from({ length: VISITORS }, strangers));
    const said = await Promise.all(talking);
    result.said = result.said.map((sum, index) => sum + (said[index] ?? 0));
    for (const heard of await Promise.all(meeting)) result.heard += heard;
  }
  await edge.close();
  return result;
}

function count(counts: Record<string, number>, what: string): void {
  counts[what] = (counts[what] ?? 0) + 1;
}
