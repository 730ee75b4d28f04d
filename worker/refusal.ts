/** Why a relay refused something, from its own words (NIP-01: a machine-readable prefix, then free text). */

/**
 * Of a subscription. `auth`: it wants to know who asks; `wait`: not now, or not for us; `size`: too many values; `count`: too many
 * subscriptions; `unknown`: it did not say, or not so that a program could read it.
 */
export type Refusal = "auth" | "wait" | "size" | "count" | "unknown";

const WORDINGS: [Refusal, RegExp][] = [
  ["auth", /^auth-required:/i],
  ["wait", /^(rate-limited|restricted|blocked|pow|shutdown):/i],
  ["count", /too many (concurrent |open |active |simultaneous )*(subs|subscriptions|reqs)\b/i],
  ["count", /\b(max|maximum|limit)\b.{0,30}\bsubscriptions\b/i],
  ["size", /\btag values\b|too many (tags|tag values|values|elements)|filter.{0,20}too (large|big|long)/i],
];

export const refusalOf = (reason: string): Refusal =>
  WORDINGS.find(([, wording]) => wording.test(reason))?.[0] ?? "unknown";

/** Whether a relay that refused a question may answer the same a little later: once it knows who asks, or has counted on. */
export const isForNow = (reason: string): boolean =>
  refusalOf(reason) === "auth" || /^rate-limited:/i.test(reason);

/**
 * Of an event. `never`: it will not take it; `later`: it may, whatever kept it from that now; `auth`: as soon as it
 * knows who says it.
 */
export type Verdict = "taken" | "never" | "later" | "auth";

const VERDICTS: [Verdict, RegExp][] = [
  ["taken", /^duplicate:/i],
  ["auth", /^auth-required:/i],
  ["never", /^(blocked|invalid|restricted|pow|mute|unsupported):/i],
];

export const verdictOf = (accepted: boolean, reason: string): Verdict =>
  accepted ? "taken" : (VERDICTS.find(([, wording]) => wording.test(reason))?.[0] ?? "later");
