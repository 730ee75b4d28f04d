/** `/presence`: how many people are here, and how many of them wait; a few seconds old at most. */
import type { Presence } from "../protocol/http-answers.ts";

/** Milliseconds for which this instance repeats what it knows: who asks often costs nothing. */
const FRESH = 2_000;
let known: { at: number; presence: Presence } | undefined;

/** @param directory the one of the region that the question comes from; each knows of all regions */
export async function presence(directory: string, env: Env): Promise<Presence> {
  const now = Date.now();
  if (!known || now - known.at > FRESH)
    known = { at: now, presence: await env.DIRECTORY.getByName(directory).presence() };
  return known.presence;
}
