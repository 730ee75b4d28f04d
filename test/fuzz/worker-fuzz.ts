/**
 * Throws hostile events at the router, and hostile decrypted requests at a bunker, and watches that nothing is
 * thrown back, that every answerable request is answered, and that memory stays flat. The key is a fake that
 * encrypts nothing: the ciphers are not what is tested here, and would take most of the time.
 */
import fc from "fast-check";
import { npubEncode } from "nostr-tools/nip19";
import { handleRequest, type Surroundings } from "../../worker/bunker.ts";
import type { Grant } from "../../worker/grant.ts";
import type { LocalKey } from "../../worker/keys.ts";
import { POLICIES } from "../../worker/policy.ts";
import { createRouter, HERE, REQUEST, signed } from "../support/router.ts";

export interface FuzzOptions {
  seed: number;
  /** How many events, and how many requests. */
  events: number;
  requests: number;
  onProgress?(done: number): void;
}

export interface FuzzResult {
  events: Record<string, number>;
  requests: Record<string, number>;
  /** Bytes of heap after the first and after the last tenth, garbage collected. */
  heap: { early: number; late: number };
}

const BATCH = 2_000;
const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));

const tag = fc.oneof(fc.constant(["p", HERE]), fc.array(fc.string(), { maxLength: 4 }));
const field = fc.oneof(
  { weight: 1, arbitrary: fc.anything({ maxDepth: 2 }) },
  { weight: 1, arbitrary: fc.string() },
);
const hostileEvent = fc.oneof(
  { weight: 2, arbitrary: fc.anything({ maxDepth: 3 }) },
  {
    weight: 6,
    arbitrary: fc.record(
      {
        id: fc.oneof(hex(64), fc.constant(REQUEST.id), field),
        pubkey: fc.oneof(hex(64), fc.constant(REQUEST.pubkey), field),
        created_at: fc.oneof(fc.integer(), fc.constant(REQUEST.created_at), field),
        kind: fc.oneof(fc.constant(24_133), fc.integer(), field),
        tags: fc.oneof(fc.array(tag, { maxLength: 5 }), field),
        content: fc.oneof(fc.string(), field),
        sig: fc.oneof(hex(128), field),
      },
      { requiredKeys: [] },
    ),
  },
  // What looks right but for one bit of its content.
  { weight: 1, arbitrary: fc.string().map((content) => ({ ...REQUEST, content })) },
  // What is right, again and again.
  { weight: 1, arbitrary: fc.constantFrom(REQUEST, signed({ content: "another" })) },
);

const methods = [
  "connect",
  "sign_event",
  "ping",
  "get_public_key",
  "nip04_encrypt",
  "nip04_decrypt",
  "nip44_encrypt",
  "nip44_decrypt",
  "switch_relays",
  "logout",
  "__proto__",
  "constructor",
];
/** JSON has no big integers. */
const plain = (_: string, value: unknown) => (typeof value === "bigint" ? `${value}` : value);
const unsigned = fc.record(
  {
    kind: fc.oneof(fc.constantFrom(1, 24_133), field),
    content: field,
    tags: fc.oneof(fc.array(tag, { maxLength: 3 }), field),
    created_at: fc.oneof(fc.nat(), field),
    pubkey: fc.oneof(fc.constant(HERE), field),
  },
  { requiredKeys: [] },
);
const parameter = fc.oneof(
  fc.string(),
  fc.constantFrom("", HERE, "token"),
  fc.json(),
  unsigned.map((event) => JSON.stringify(event, plain)),
  fc.constant(null),
);
/** What looks right, with something hostile where a client has its say. */
const plausible = fc.oneof(
  fc.tuple(fc.constantFrom(...methods), fc.array(parameter, { maxLength: 4 })),
  fc.tuple(fc.constant("sign_event"), fc.tuple(unsigned.map((event) => JSON.stringify(event, plain)))),
  fc.tuple(fc.constantFrom("nip04_decrypt", "nip44_encrypt"), fc.tuple(fc.constant(HERE), fc.string())),
  fc.tuple(fc.constant("connect"), fc.tuple(fc.constantFrom("", HERE), fc.string(), fc.string(), fc.json())),
);
const hostileRequest = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.string({ minLength: 1 }), plausible)
      .map(([id, [method, params]]) => JSON.stringify({ id, method, params })),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 4 }) },
  {
    weight: 6,
    arbitrary: fc
      .record({
        id: fc.oneof(fc.string(), fc.integer(), fc.constant(null)),
        method: fc.oneof(fc.constantFrom(...methods), fc.string()),
        params: fc.oneof(fc.array(parameter, { maxLength: 6 }), fc.jsonValue()),
      })
      .map((request) => JSON.stringify(request)),
  },
);

const fakeKey: LocalKey = {
  pubkey: HERE,
  sign: (event) => ({ ...event, id: "0".repeat(64), pubkey: HERE, sig: "0".repeat(128) }),
  encrypt: (_scheme, _peer, plaintext) => plaintext,
  decrypt: (_scheme, _peer, ciphertext) => ciphertext,
  destroy: () => {},
};

const grant: Grant = {
  token: "token",
  client: REQUEST.pubkey,
  expiry: Number.MAX_SAFE_INTEGER,
  revoked: false,
  notBefore: 0,
  perms: null,
  asked: null,
  uses: null,
  usesPerMinute: null,
  relays: [],
};
const around: Surroundings = {
  policy: POLICIES.token,
  relays: [`wss://${npubEncode(HERE)}.example`],
  access: async () => ({ grants: [grant], stopped: null }),
  bind: async () => null,
  end: async () => {},
  spend: async () => null,
  wait: () => 0,
  waitForKey: () => 0,
  answeredBefore: () => undefined,
  now: () => REQUEST.created_at * 1_000,
};

export const fuzzWorker = async ({
  seed,
  events,
  requests,
  onProgress,
}: FuzzOptions): Promise<FuzzResult> => {
  const counts: Record<string, number> = {};
  const outcomes: Record<string, number> = {};
  const total = events + requests;
  let early = 0;
  let done = 0;
  for (let batch = 0; done < total; batch++) {
    if (done < events) {
      // A router ends with the batch, when everything in it has been dealt with.
      const { router, pass } = createRouter();
      await pass(...fc.sample(hostileEvent, { numRuns: BATCH, seed: seed + batch }));
      for (const [name, count] of Object.entries(router.counts)) counts[name] = (counts[name] ?? 0) + count;
    } else {
      for (const content of fc.sample(hostileRequest, { numRuns: BATCH, seed: seed + batch })) {
        const handled = await handleRequest({ ...REQUEST, content }, npubEncode(HERE), fakeKey, around);
        const outcome = "what" in handled ? handled.what.method : handled.kind;
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
        if ("reply" in handled) checkReply(handled.reply.content);
      }
    }
    done += BATCH;
    onProgress?.(done);
    if (early === 0 && done >= total / 10) early = heapUsed();
  }
  if (counts.failed) throw new Error(`${counts.failed} events made a handler throw`);
  return { events: counts, requests: outcomes, heap: { early, late: heapUsed() } };
};

/** Whatever was asked, a reply is what every client can read. */
const checkReply = (text: string): void => {
  const reply = JSON.parse(text);
  if (typeof reply.id !== "string" || typeof reply.result !== "string")
    throw new Error(`not a reply: ${text}`);
};

const heapUsed = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};
