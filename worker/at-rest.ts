/** The forms in which a secret key lies at rest, told apart without looking into it. */

/** How a secret lies at rest; the last two are not encrypted. */
export type AtRest = "sealed" | "ncryptsec" | "nsec" | "hex";

/** What opens secrets at rest. */
export interface Openers {
  /** 64 hex digits each: the first seals, and each opens what was sealed under it. */
  masterKeys: readonly string[];
  /** Of NIP-49 values. */
  passphrase: string | undefined;
}

/** Why a secret at rest could not be opened or sealed. The message names no part of it. */
export class KeyError extends Error {
  override name = "KeyError";
}

/** The form of a secret at rest, by its looks; null for none that is known here. */
export const formOf = (atRest: string): AtRest | null => {
  const text = atRest.trim();
  if (text.startsWith("sealed:")) return "sealed";
  if (text.startsWith("ncryptsec1")) return "ncryptsec";
  if (text.startsWith("nsec1")) return "nsec";
  return /^[0-9a-fA-F]{64}$/.test(text) ? "hex" : null;
};
