/** A call as it stands: a picture that views can compare and tests can make up. */
import type { Call } from "../client/call.ts";

export type CallView = Pick<
  Call,
  | "matchId"
  | "mode"
  | "interests"
  | "met"
  | "npub"
  | "link"
  | "isDetached"
  | "partnerAway"
  | "isHeard"
  | "theirs"
>;

export function viewOf(call: Call): CallView {
  const { matchId, mode, interests, met, npub, link, isDetached, partnerAway, isHeard, theirs } = call;
  return { matchId, mode, interests, met, npub, link, isDetached, partnerAway, isHeard, theirs };
}
