/** The bare cryptography of a request, with the worker's own modules, and nothing around it. */
import { NOSTR_CONNECT } from "../../protocol/nostr.ts";
import { useBackend } from "../../worker/crypto/backend.ts";
import { chooseCrypto } from "../../worker/crypto/choice.ts";
import type { CryptoName } from "../../worker/crypto/crypto.ts";
import { verifyEvent } from "../../worker/crypto/event.ts";
import { openKey } from "../../worker/keys.ts";
import { npubOf } from "../../worker/npub.ts";
import { serve } from "../program.ts";
import { newPair, signRequest } from "./people.ts";

/** As many keys and clients as the worker has in a full run. */
const PAIRS = 200;
/** Share of the measured time that passes uncounted before it. */
const WARM_UP = 0.25;
/** Requests between two looks at the clock. */
const AT_A_TIME = 10;

const spent = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const prepare = async (count: number) => {
  const pairs = await Promise.all(
    Array.from({ length: Math.min(PAIRS, count) }, async (_, index) => {
      const pair = newPair(index);
      const secret = Buffer.from(pair.signer.secret).toString("hex");
      const openers = { masterKeys: [], passphrase: undefined };
      return { pair, key: await openKey(npubOf(pair.signer.pubkey), secret, openers) };
    }),
  );
  return Array.from({ length: Math.ceil(count / pairs.length) }, (_, round) =>
    pairs.map(({ pair, key }, index) => {
      const [, event] = JSON.parse(signRequest(pair, `request ${round} of ${index}`));
      const { id, params } = JSON.parse(key.decrypt("nip44", event.pubkey, event.content));
      return { key, event, id, note: JSON.parse(params[0]) };
    }),
  ).flat();
};

/**
 * How many are made for each second of measuring: from the second time on, none has to be done twice. A worker never
 * sees a request again either, and what a processor has just seen costs it less.
 */
let perSecond = 400;

const calls = {
  /** Computes with this one from now on; otherwise says why it cannot. */
  use: async (crypto: CryptoName): Promise<string | null> => {
    try {
      useBackend(await chooseCrypto(crypto, { info: () => {} }));
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  },
  /** Seconds of CPU time that one takes, measured for so many: checked, decrypted, signed, encrypted, signed. */
  measure: async (seconds: number): Promise<number> => {
    const requests = await prepare(Math.ceil(seconds * perSecond));
    let done = 0;
    const handle = (index: number): void => {
      const { key, event, id, note } = requests[index % requests.length] ?? {};
      if (!key || !verifyEvent(event)) throw new Error("a request is not right");
      key.decrypt("nip44", event.pubkey, event.content);
      const result = JSON.stringify(key.sign(note));
      const content = key.encrypt("nip44", event.pubkey, JSON.stringify({ id, result }));
      key.sign({ kind: NOSTR_CONNECT, content, tags: [["p", event.pubkey]], created_at: event.created_at });
    };
    const forSeconds = (least: number): number => {
      const [begun, from] = [spent(), done];
      // To look at the clock costs as much as a hash.
      while (spent() - begun < least) for (let n = 0; n < AT_A_TIME; n++) handle(done++);
      return (done - from) / (spent() - begun);
    };
    forSeconds(seconds * WARM_UP);
    const rate = forSeconds(seconds);
    perSecond = Math.max(perSecond, rate * (1 + WARM_UP) * 1.1);
    return 1 / rate;
  },
};
export type CeilingCalls = typeof calls;
serve(calls);
