/** What a reload needs to be signed in again, in localStorage and nowhere else. */
import * as v from "valibot";
import { Hex64 } from "../../protocol/nostr.ts";
import { Relays } from "./relays.ts";

const NAME = "satoshigle.sign-in";

/**
 * A NIP-46 session: the page's own key, where the signer is to be found, and whose key it signs with; `link` tells which
 * bunker URI it began with. All in hex.
 */
const KeptSession = v.strictObject({
  by: v.literal("signer"),
  key: Hex64,
  signer: Hex64,
  relays: Relays,
  pubkey: Hex64,
  link: v.optional(Hex64),
});
export type KeptSession = v.InferOutput<typeof KeptSession>;

/** Of an extension nothing has to be known but that it was used. */
const Kept = v.variant("by", [v.strictObject({ by: v.literal("extension") }), KeptSession]);
export type Kept = v.InferOutput<typeof Kept>;

/** In place of what was kept. Without localStorage (a browser may refuse it) a reload signs out. */
export const keep = (kept: Kept): void => {
  attempt(() => localStorage.setItem(NAME, JSON.stringify(kept)));
};

/** Undefined also for what this version cannot read. */
export const kept = (): Kept | undefined => {
  const text = attempt(() => localStorage.getItem(NAME));
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Kept), text, { abortEarly: true });
  return parsed.success ? parsed.output : undefined;
};

/** Does nothing when it is something else that is kept by now: another tab may have signed in, too. */
export const forget = (it: Kept): void => {
  if (JSON.stringify(kept()) === JSON.stringify(it)) attempt(() => localStorage.removeItem(NAME));
};

/** Calls `heed` after another tab has kept something, or forgotten it. */
export const onKeptElsewhere = (heed: () => void): void => {
  // Without a name all was forgotten.
  addEventListener("storage", ({ key }) => {
    if (key === NAME || key === null) heed();
  });
};

const attempt = <T>(use: () => T): T | undefined => {
  try {
    return use();
  } catch {
    return undefined;
  }
};
