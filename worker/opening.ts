/** Opens the key of a row, and says how that went. */
import { formOf, KeyError, type Openers } from "./at-rest.ts";
import { type LocalKey, openKey } from "./keys.ts";
import type { Logger, Say } from "./log.ts";

/** Undefined when it cannot be opened. */
export const openAloud = async (
  npub: string,
  secret: string | null | undefined,
  { openers, say, log }: { openers: Openers; say: Say; log: Logger },
): Promise<LocalKey | undefined> => {
  say(npub, () => `${npub} starting`);
  try {
    if (!secret) throw new KeyError("the row holds no secret");
    const key = await openKey(npub, secret, openers);
    const form = formOf(secret);
    if (form === "nsec" || form === "hex")
      log.warn({ npub }, `the secret of ${npub} lies in the database as ${form}, unsealed`);
    say(npub, () => `${npub} created signer`);
    return key;
  } catch (error) {
    const reason = error instanceof KeyError ? error.message : "the secret could not be read";
    log.error({ npub, reason }, `${npub} cannot be served: ${reason}`);
    return undefined;
  }
};
