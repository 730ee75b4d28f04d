import { expect, test } from "vitest";
import { refusalOf, verdictOf } from "../../worker/refusal.ts";

test.each([
  ["auth-required: we only serve those we know", "auth"],
  ["restricted: not for you", "wait"],
  ["rate-limited: slow down there, too many subscriptions opened", "wait"],
  ["ERROR: too many concurrent REQs", "count"],
  ["error: too many subscriptions", "count"],
  ["error: at most 10 subscriptions", "unknown"],
  ["Maximum number of subscriptions exceeded", "count"],
  ["error: at most 256 tag values", "size"],
  ["error: filter has too many tags", "size"],
  ["error: filter is too large", "size"],
  ["error: could not connect to the database", "unknown"],
  ["no answer", "unknown"],
  ["", "unknown"],
] as const)("%j is understood as %s", (reason, refusal) => {
  expect(refusalOf(reason)).toBe(refusal);
});

test.each([
  ["duplicate: already have it", "taken"],
  ["auth-required: who says so?", "auth"],
  ["blocked: not today", "never"],
  ["invalid: wrong signature", "never"],
  ["restricted: not for you", "never"],
  ["pow: 20 bits needed", "never"],
  ["rate-limited: slow down there", "later"],
  ["error: could not connect to the database", "later"],
  ["", "later"],
] as const)("an event refused with %j: %s", (reason, verdict) => {
  expect(verdictOf(false, reason)).toBe(verdict);
  expect(verdictOf(true, reason)).toBe("taken");
});
