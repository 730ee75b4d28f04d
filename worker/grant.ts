/** What a token lets its client do, as read from its row. */
import * as v from "valibot";

/** Methods, or `method:parameter` as in NIP-46's `perms` (`sign_event:1`). */
export type Perms = ReadonlySet<string>;

/** Times are in milliseconds since 1970. */
export interface Grant {
  /** The token itself, to count its uses by; a secret. */
  token: string;
  /** The hex public key bound to it; null before the first connection and after a `logout`. */
  client: string | null;
  expiry: number;
  revoked: boolean;
  notBefore: number;
  /** Null allows every method. */
  perms: Perms | null;
  /** What the client asked for when it connected; null when it asked for nothing in particular. */
  asked: Perms | null;
  /** Uses in all, and how many are spent. */
  uses: { limit: number; spent: number } | null;
  usesPerMinute: number | null;
  /** Where the client listens besides, if it began the connection. */
  relays: readonly string[];
}

/** NIP-46's own format: `sign_event:1,nip44_encrypt`. */
const PermsText = v.pipe(v.string(), v.maxLength(4_096), v.regex(/^[a-z0-9_]+(:\d+)?(,[a-z0-9_]+(:\d+)?)*$/));
const Count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 ** 31 - 1));

/** `ConnectTokens.jsonData`: what narrows a token. A document with anything else in it allows nothing. */
export const GrantDocument = v.pipe(
  v.custom<object>(
    (document) => typeof document === "object" && document !== null && !Array.isArray(document),
  ),
  v.strictObject({
    name: v.optional(v.pipe(v.string(), v.maxLength(200))),
    perms: v.optional(PermsText),
    /** Uses in all. */
    uses: v.optional(Count),
    usesPerMinute: v.optional(Count),
    /** Milliseconds since 1970 before which the token is not yet valid. */
    notBefore: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  }),
);
export type GrantDocument = v.InferOutput<typeof GrantDocument>;

/** Reads what narrows a token; null when the document does not validate, and the token so allows nothing. */
export const parseGrantDocument = (document: unknown): GrantDocument | null => {
  const parsed = v.safeParse(GrantDocument, document ?? {}, { abortEarly: true });
  return parsed.success ? parsed.output : null;
};

/** The perms of a text in NIP-46's format; null for one that says nothing, or nothing that can be read. */
export const parsePerms = (text: string | null | undefined): Perms | null => {
  const parsed = v.safeParse(PermsText, text);
  return parsed.success ? new Set(parsed.output.split(",")) : null;
};

/** What the database says about one client and one key, at one moment. */
export interface Access {
  /** All tokens of the key that could matter, also those that are over: to say why. */
  grants: readonly Grant[];
  /** What an operator has stopped. */
  stopped: "everything" | "the key" | "the client" | null;
}
