/**
 * What a client says on `/ws`. A field that is not listed here is refused, so nothing unexpected can reach the other
 * side of a match.
 */
import * as v from "valibot";
import { NostrEvent } from "./nostr.ts";
import { Candidate, Description } from "./webrtc.ts";

export const MAX_INTERESTS = 8;
/** Of an app message: the length of its data as JSON, and how deep its lists and objects may nest. */
export const MAX_DATA_LENGTH = 16_384;
const MAX_DATA_DEPTH = 32;

/** Half of a surrogate pair is no text: UTF-8 has no place for it. */
const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);
/** From one character on. */
export const text = (max: number) =>
  v.pipe(v.string(), v.minLength(1), v.maxLength(max), v.check(isWellFormed));
const MatchId = text(64);

/** What two people come to do; they meet only who came for the same. */
export const Mode = v.picklist(["video", "text"]);
export type Mode = v.InferOutput<typeof Mode>;

/** I wait for a stranger, with these interests rather than without. */
const Search = v.strictObject({
  type: v.literal("search"),
  interests: v.optional(v.pipe(v.array(text(32)), v.maxLength(MAX_INTERESTS)), []),
  mode: v.optional(Mode, "video"),
});

/**
 * The next one, please: ends this match for both, and both wait again. It names the match, so that two who skip
 * each other at the same time do not skip the next one unseen.
 */
const Skip = v.strictObject({ type: v.literal("skip"), matchId: MatchId });

/**
 * Skip, and for as long as my session lasts we do not meet again. The other side is told of a skip. Of the match before,
 * if it is that: only the block.
 */
const Block = v.strictObject({ type: v.literal("block"), matchId: MatchId });

/** No more: ends the match or the waiting; answered with `stopped`. */
const Stop = v.strictObject({ type: v.literal("stop") });

/** To the operator, about the other side of my match, or of the one before. Answered with `reported`. */
const Report = v.strictObject({ type: v.literal("report"), matchId: MatchId, reason: text(500) });

/** To the other side: either a description, or a batch of candidates. */
const Signal = v.pipe(
  v.strictObject({
    type: v.literal("signal"),
    matchId: MatchId,
    description: v.exactOptional(Description),
    candidates: v.exactOptional(v.pipe(v.array(Candidate), v.minLength(1), v.maxLength(32))),
  }),
  v.forward(
    v.check(({ description, candidates }) => (description === undefined) !== (candidates === undefined)),
    ["description"],
  ),
);

/** To the other side: words. `id` is the sender's, so that both can speak of the same line; `name` is what they claim. */
const Chat = v.strictObject({
  type: v.literal("chat"),
  matchId: MatchId,
  id: text(64),
  text: text(2_000),
  name: v.exactOptional(text(64)),
});

/** To the other side: whether I am writing. */
const Typing = v.strictObject({ type: v.literal("typing"), matchId: MatchId, on: v.boolean() });

const Data = v.pipe(
  v.unknown(),
  v.check((data) => isPlain(data, MAX_DATA_DEPTH) && JSON.stringify(data).length <= MAX_DATA_LENGTH),
);

/** To the other side: whatever a game, or what comes later, has to say. */
const App = v.strictObject({
  type: v.literal("app"),
  matchId: MatchId,
  app: text(64),
  event: text(64),
  data: v.exactOptional(Data),
});

/** I am the owner of this key: a kind 22242 event (NIP-42) with the tags `relay` (this host) and `challenge`. */
const Auth = v.strictObject({ type: v.literal("auth"), event: NostrEvent });

/** I was here before: take me up where I was. */
const Resume = v.strictObject({ type: v.literal("resume"), token: text(32_768) });

/** What do you know of me? */
const DebugState = v.strictObject({ type: v.literal("debug-state") });

/** What the other side of a match is handed as it came. */
export const PeerMessage = v.variant("type", [Signal, Chat, Typing, App]);
export type PeerMessage = v.InferOutput<typeof PeerMessage>;

export const ClientMessage = v.variant("type", [
  Search,
  Skip,
  Block,
  Stop,
  Report,
  Signal,
  Chat,
  Typing,
  App,
  Auth,
  Resume,
  DebugState,
]);
export type ClientMessage = v.InferOutput<typeof ClientMessage>;

/** Whether the lists and objects in a JSON value nest no deeper than so, and its text is well-formed. */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === "string") return isWellFormed(value);
  if (typeof value !== "object" || value === null) return true;
  return (
    depth > 0 &&
    Object.entries(value).every(([name, inner]) => isWellFormed(name) && isPlain(inner, depth - 1))
  );
}
