/** Which backend computes: the fastest that this machine has and that gets known values right. */
import type { Logger } from "../log.ts";
import { CRYPTO_NAMES, type Crypto, type CryptoName } from "./crypto.ts";
import { openNative } from "./native.ts";
import { noble } from "./noble.ts";
import { selfTest } from "./self-test.ts";
import { openWasm } from "./wasm.ts";

export type Openers = Record<CryptoName, () => Promise<Crypto>>;

const OPENERS: Openers = { native: openNative, wasm: openWasm, noble: async () => noble };

/**
 * @param forced the one that has to be used, if any
 * @throws {Error} that names what each one lacks, when none can be used
 */
export const chooseCrypto = async (
  forced: CryptoName | undefined,
  log: Pick<Logger, "info">,
  openers = OPENERS,
): Promise<Crypto> => {
  const reasons: string[] = [];
  for (const name of forced ? [forced] : CRYPTO_NAMES) {
    try {
      const crypto = await openers[name]();
      selfTest(crypto);
      log.info(`cryptography: ${name}${reasons.map((reason) => `; not ${reason}`).join("")}`);
      return crypto;
    } catch (error) {
      reasons.push(`${name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  const wanted = forced ? `CRYPTO=${forced} is set, and cannot be used` : "no cryptography can be used";
  throw new Error(`${wanted}: ${reasons.join("; ")}`);
};
