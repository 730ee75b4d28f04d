/** What one may say to the other over the data channel. It has been checked by nobody: it is parsed before it is heard. */
import * as v from "valibot";
import { text } from "../../protocol/client-messages.ts";

/** Characters of one message; what is longer is passed over unread. */
const MAX_LENGTH = 16_384;

const ChatWords = v.object({ type: v.literal("chat"), id: text(64), text: text(2_000) });
const TypingWords = v.object({ type: v.literal("typing"), on: v.boolean() });
/** What somebody sends. */
const MediaWords = v.object({ type: v.literal("media"), audio: v.boolean(), video: v.boolean() });
const Words = v.variant("type", [ChatWords, TypingWords, MediaWords]);

export type ChatWords = v.InferOutput<typeof ChatWords>;
export type TypingWords = v.InferOutput<typeof TypingWords>;
export type MediaWords = v.InferOutput<typeof MediaWords>;
export type Words = v.InferOutput<typeof Words>;

/** What a message of the channel says; undefined if that is nothing. */
export function wordsOf(event: Event): Words | undefined {
  if (!("data" in event) || typeof event.data !== "string" || event.data.length > MAX_LENGTH)
    return undefined;
  const words = v.safeParse(Words, parsed(event.data));
  return words.success ? words.output : undefined;
}

/** Whatever the text says, or undefined. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Characters; of what is no text, none. */
export const lengthOf = (event: Event): number =>
  event instanceof MessageEvent && typeof event.data === "string" ? event.data.length : 0;
