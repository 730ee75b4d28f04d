/** Refusals as labels of a metric: what a client is told may hold numbers and may change, these are few and stay. */

/** The first that a reason begins with, or holds, names it. */
const LABELS: readonly (readonly [RegExp, string])[] = [
  [/^too many requests|^the token allows \d+ a minute/, "rate"],
  [/ is stopped by the operator/, "stopped"],
  [/^not connected/, "not_connected"],
  [/^the token was revoked/, "revoked"],
  [/^the token has expired/, "expired"],
  [/^the token is not valid yet/, "not_yet_valid"],
  [/^the uses of the token are used up/, "used_up"],
  [/^the client did not ask/, "not_asked"],
  [/^the token does not allow anything/, "invalid_grant"],
  [/^the token does not allow this|^events of kind|^this is what another client/, "not_allowed"],
  [/^the secret is not that of a token/, "unknown_token"],
  [/^another client uses it/, "taken"],
  [/^this connection is for another signer/, "other_signer"],
  [/^the signer cannot reach its database/, "database"],
  [/^this signer does not know the method/, "unknown_method"],
  [/ expects |^the event names another author|^cannot (en|de)crypt/, "bad_request"],
];

/** The label of what a client was told. */
export const refusalLabel = (reason: string): string =>
  LABELS.find(([pattern]) => pattern.test(reason))?.[1] ?? "other";
