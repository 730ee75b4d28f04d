/** A hostile visit: hostile frames, with now and then something right, so that it is not ended at once. */
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { finalizeEvent, generateSecretKey } from "nostr-tools/pure";
import { CLIENT_AUTH } from "../../../protocol/nostr.ts";
import { type DoorName, type Frame, hostileFrame, MATCH, TOKEN } from "./frames.ts";
import { Visitor } from "./visitor.ts";

export type Visit = {
  url: URL;
  address: string;
  door: DoorName;
  /** Of this visit: the same makes the same frames. */
  seed: number;
  /** The last token that any of them was given. */
  loot: { token: string };
  onRefusal(why: string): void;
  onFlaw(what: string): void;
};

/** One more hostile frame in a row, and the socket would be closed. */
const HOSTILE_IN_A_ROW = 9;
/** What comes beyond the burst of a socket is refused unread. */
const GROUPS = 9;
const FLOOD = 400;
/** Milliseconds between two groups. */
const PAUSE = 15;

const oneIn = (count: number) => fc.nat(count - 1).map((n) => n === 0);
const manner = fc.record({
  hasPolled: oneIn(3),
  provesItself: oneIn(20),
  isBack: oneIn(5),
  floods: oneIn(20),
  isRude: oneIn(5),
});

const RIGHT = { native: JSON.stringify({ type: "search" }), "socket.io": '42["start-search"]' };

/** How many hostile frames were dealt with for certain, and how it ended. */
export async function visit({
  url,
  address,
  door,
  seed,
  loot,
  onRefusal,
  onFlaw,
}: Visit): Promise<{ frames: number; end: number }> {
  const [how] = fc.sample(manner, { seed, numRuns: 1 });
  if (!how) throw new Error("no manner");
  const visitor: Visitor = new Visitor({
    url,
    door,
    address,
    hasPolled: how.hasPolled && door === "socket.io",
    onFlaw,
    onTold: (told) => {
      if (told.what === "refused") onRefusal(told.why);
      if (told.what === "token") loot.token = told.token;
      if (told.what === "challenge" && how.provesItself) visitor.send(proof(told.challenge, url));
    },
  });
  await visitor.opened;
  if (how.isBack) visitor.send(JSON.stringify({ type: "resume", token: loot.token }));
  const frames = fc.sample(hostileFrame[door], { seed, numRuns: GROUPS * HOSTILE_IN_A_ROW });
  let sent = 0;
  while (visitor.isOpen && sent < frames.length) {
    for (const frame of frames.slice(sent, sent + HOSTILE_IN_A_ROW))
      visitor.send(filled(frame, visitor.matchId, loot.token));
    visitor.send(RIGHT[door]);
    sent += HOSTILE_IN_A_ROW;
    await sleep(PAUSE);
  }
  if (how.floods) for (let i = 0; i < FLOOD; i += 1) visitor.send(frames[i % frames.length] ?? "");
  visitor.leave(how.isRude);
  const { code } = await visitor.closed;
  return { frames: dealtWith(sent, code), end: code };
}

/** A goodbye is answered after all that came before it; who was shown the door was so for the last of it. */
const dealtWith = (sent: number, code: number): number => {
  if (code === 1000 || code === 1005) return sent;
  return code >= 4_000 ? Math.max(0, sent - HOSTILE_IN_A_ROW) : 0;
};

const filled = (frame: Frame, matchId: string | undefined, token: string): Frame =>
  typeof frame === "string" ? frame.replaceAll(MATCH, matchId ?? MATCH).replaceAll(TOKEN, token) : frame;

/** Of a key that nobody has seen before. */
function proof(challenge: string, { host }: URL): string {
  const tags = [
    ["relay", `ws://${host}`],
    ["challenge", challenge],
  ];
  const created_at = Math.floor(Date.now() / 1_000);
  const event = finalizeEvent({ kind: CLIENT_AUTH, created_at, tags, content: "" }, generateSecretKey());
  return JSON.stringify({ type: "auth", event });
}
