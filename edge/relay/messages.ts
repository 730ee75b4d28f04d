/** NIP-01 on the wire: a client's frame becomes a message, or the answer that refuses it; an answer becomes a frame. */
import * as v from "valibot";
import { Hex64, NostrEvent } from "../../protocol/nostr.ts";
import { countValues, type Filter, readFilter } from "./filter.ts";
import { LIMITS } from "./limits.ts";

export const eventFrame = (subscription: string, event: string): string =>
  `["EVENT",${JSON.stringify(subscription)},${event}]`;
export const eose = (subscription: string): string => JSON.stringify(["EOSE", subscription]);
export const ok = (event: string, accepted: boolean, reason: string): string =>
  JSON.stringify(["OK", event, accepted, reason]);
export const closed = (subscription: string, reason: string): string =>
  JSON.stringify(["CLOSED", subscription, reason]);
export const notice = (text: string): string => JSON.stringify(["NOTICE", text]);

export type ClientMessage =
  | { type: "EVENT"; event: NostrEvent }
  | { type: "REQ"; subscription: string; filters: Filter[] }
  | { type: "CLOSE"; subscription: string }
  /**
   * Not a message that can be acted on. Nonsense does not even say which event or subscription it is about. A REQ
   * that is refused ends the `subscription` that it would have replaced: who reads CLOSED takes the id to be free.
   */
  | { type: "refused"; answer: string; isNonsense: boolean; subscription?: string };

const Frame = v.pipe(v.array(v.unknown()), v.minLength(1));
const SubscriptionId = v.pipe(v.string(), v.minLength(1), v.maxLength(LIMITS.subscriptionIdLength));

/** Never throws. A frame that is not text is a NOTICE as well. */
export function readMessage(frame: string | ArrayBuffer): ClientMessage {
  if (typeof frame !== "string") return nonsense("binary frames are not understood");
  if (frame.length > LIMITS.messageLength) return refuseUnread(frame);
  const array = v.safeParse(Frame, parseJson(frame));
  if (!array.success) return nonsense("not a JSON array");
  const [type, subject, ...rest] = array.output;
  if (type === "EVENT") return readEvent(subject);

  const id = v.safeParse(SubscriptionId, subject);
  if (type === "CLOSE" || type === "REQ" || type === "COUNT") {
    if (!id.success) return nonsense("the subscription id must have 1 to 64 characters");
    if (type === "CLOSE") return { type, subscription: id.output };
    if (type === "REQ") return readRequest(id.output, rest);
    return refused(closed(id.output, "unsupported: this relay does not count"));
  }
  return nonsense("not a message that this relay understands (EVENT, REQ, CLOSE)");
}

function readEvent(subject: unknown): ClientMessage {
  const event = v.safeParse(NostrEvent, subject, { abortEarly: true });
  if (event.success) return { type: "EVENT", event: event.output };
  const [issue] = event.issues;
  const reason = `${v.getDotPath(issue) ?? "the event"}: ${issue.message.slice(0, 200)}`;
  const named = v.safeParse(v.object({ id: Hex64 }), subject);
  return named.success ? refused(ok(named.output.id, false, `invalid: ${reason}`)) : nonsense(reason);
}

function readRequest(subscription: string, inputs: unknown[]): ClientMessage {
  const refuse = (reason: string): ClientMessage => ({
    ...refused(closed(subscription, reason)),
    subscription,
  });
  if (inputs.length === 0) return refuse("invalid: a REQ needs a filter");
  if (inputs.length > LIMITS.filtersPerRequest) {
    return refuse(`error: too many filters (at most ${LIMITS.filtersPerRequest} in a REQ)`);
  }
  const filters: Filter[] = [];
  for (const input of inputs) {
    const filter = readFilter(input);
    if (typeof filter === "string") return refuse(filter);
    filters.push(filter);
  }
  if (filters.reduce((sum, filter) => sum + countValues(filter), 0) > LIMITS.values.perRequest) {
    return refuse(`error: too many values (at most ${LIMITS.values.perRequest} in the lists of a REQ)`);
  }
  return { type: "REQ", subscription, filters };
}

/**
 * Too long to be parsed: of what it is, only the beginning and the end are looked at. A client that waits for an OK
 * or a CLOSED learns in vain from a NOTICE.
 */
function refuseUnread(frame: string): ClientMessage {
  const reason = `longer than ${LIMITS.messageLength} characters`;
  const [, type, first] = /^\s*\[\s*"(EVENT|REQ|COUNT)"\s*,\s*("(?:[^"\\]|\\.){1,64}")?/.exec(frame) ?? [];
  if (type === "EVENT") {
    // Many clients write the id before the content, nostr-tools writes it after.
    const [, id] = EVENT_ID.exec(frame.slice(0, EDGE)) ?? EVENT_ID.exec(frame.slice(-EDGE)) ?? [];
    if (id !== undefined) return refused(ok(id, false, `invalid: ${reason}`));
  }
  const subscription = v.safeParse(SubscriptionId, first && parseJson(first));
  if (!subscription.success) return nonsense(reason);
  const answer = refused(closed(subscription.output, `error: ${reason}`));
  return type === "REQ" ? { ...answer, subscription: subscription.output } : answer;
}

/** Characters. */
const EDGE = 300;
/** A quotation mark inside a string would have a backslash before it. */
const EVENT_ID = /(?<!\\)"id"\s*:\s*"([0-9a-f]{64})"/;

const refused = (answer: string) => ({ type: "refused", answer, isNonsense: false }) as const;
const nonsense = (reason: string) =>
  ({ type: "refused", answer: notice(`invalid: ${reason}`), isNonsense: true }) as const;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
