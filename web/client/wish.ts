/** Whom somebody wants to meet. */
import { MAX_INTERESTS } from "../../protocol/client-messages.ts";
import type { Mode } from "../../protocol/messages.ts";
import type { Search } from "./standing.ts";

export type Wish = { mode?: Mode; interests?: string[] };

/** Characters (UTF-16 units) of one interest. */
const MAX_LENGTH = 32;

/** The wish as the server takes it: what is too much of it is left out. */
export function searchFor({ mode = "video", interests = [] }: Wish): Search {
  const kept = new Set(interests.map(shorten).filter((interest) => interest !== ""));
  return { type: "search", mode, interests: [...kept].slice(0, MAX_INTERESTS) };
}

/** Half of a surrogate pair is no text. */
const shorten = (interest: string): string =>
  interest
    .replace(/\p{Surrogate}/gu, "")
    .trim()
    .slice(0, MAX_LENGTH)
    .replace(/\p{Surrogate}$/u, "");
