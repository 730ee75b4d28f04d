/** What a REQ asks for: the filter of NIP-01, parsed, and as a test that an event passes or not. */
import * as v from "valibot";
import { Hex64, Kind, type NostrEvent, Seconds } from "../../protocol/nostr.ts";
import { LIMITS } from "./limits.ts";

const Plain = v.strictObject({
  ids: v.optional(v.array(Hex64)),
  authors: v.optional(v.array(Hex64)),
  kinds: v.optional(v.array(Kind)),
  since: v.optional(Seconds),
  until: v.optional(Seconds),
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
});

const TAG = /^#[a-zA-Z]$/;
const TagValues = v.array(v.pipe(v.string(), v.maxLength(LIMITS.tagValueLength)));
/** NIP-01: `#e` and `#p` list 64-digit hex values. */
const HexValues = v.array(Hex64);

/** `tags` holds the `#x` fields: the letter, and the values of which an event must have one. */
export type Filter = v.InferOutput<typeof Plain> & { tags: [name: string, values: string[]][] };

/** The filter, or why not, in the words of a CLOSED. */
export function readFilter(input: unknown): Filter | string {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    return "invalid: a filter must be an object";
  }
  const plain: [string, unknown][] = [];
  const tags: Filter["tags"] = [];
  for (const [field, value] of Object.entries(input)) {
    if (!TAG.test(field)) {
      plain.push([field, value]);
      continue;
    }
    const values = v.safeParse(field === "#e" || field === "#p" ? HexValues : TagValues, value, FIRST);
    if (!values.success) return `invalid: ${field} ${values.issues[0].message}`;
    tags.push([field.slice(1), values.output]);
  }
  const fields = v.safeParse(Plain, Object.fromEntries(plain), FIRST);
  if (fields.success) return { ...fields.output, tags };
  const [issue] = fields.issues;
  if (issue.expected === "never") return "unsupported: filter contains unknown elements";
  return `invalid: ${v.getDotPath(issue)} ${issue.message}`;
}

const FIRST = { abortEarly: true } as const;

/** Entries of all its lists: what a filter costs to hold. */
export const countValues = ({ ids, authors, kinds, tags }: Filter): number =>
  tags.reduce(
    (sum, [, values]) => sum + values.length,
    (ids?.length ?? 0) + (authors?.length ?? 0) + (kinds?.length ?? 0),
  );

/** The values of its `#p`; undefined when it has none, and an event to anybody may pass. */
export const recipientsOf = ({ tags }: Filter): string[] | undefined =>
  tags.find(([name]) => name === "p")?.[1];

/** Every condition must hold; of a list, one entry is enough. `limit` says nothing about a single event. */
export function matcher(filter: Filter): (event: NostrEvent) => boolean {
  const ids = filter.ids && new Set(filter.ids);
  const authors = filter.authors && new Set(filter.authors);
  const kinds = filter.kinds && new Set(filter.kinds);
  const tags = filter.tags.map(([name, values]) => [name, new Set(values)] as const);
  const { since = 0, until = Number.POSITIVE_INFINITY } = filter;
  return (event) =>
    event.created_at >= since &&
    event.created_at <= until &&
    (!kinds || kinds.has(event.kind)) &&
    (!authors || authors.has(event.pubkey)) &&
    (!ids || ids.has(event.id)) &&
    tags.every(([name, values]) =>
      event.tags.some(([key, value]) => key === name && value !== undefined && values.has(value)),
    );
}
