/** Why a relay refused a subscription, from its own words (NIP-01: a machine-readable prefix, then free text). */

/**
 * `auth`: it wants to know who asks; `wait`: not now, or not for us; `size`: too many values; `count`: too many
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
