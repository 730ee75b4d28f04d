/** A session with a remote signer: how it begins, what it can do, how it ends. */
import { bytesToHex, hexToBytes } from "nostr-tools/utils";
import * as v from "valibot";
import type { Identity, Watch } from "./identity.ts";
import { forget, type KeptSession, keep } from "./keep.ts";
import { usableRelays } from "./relays.ts";
import { checkPublicKey, checkSigned, npubOf } from "./signed.ts";
import { type Ask, type Line, talkTo } from "./signer.ts";

/** The only thing that the page has signed: who it is that is here (NIP-42). */
export const PERMS = "sign_event:22242";
const SWITCH_MS = 1_500;
const LOGOUT_MS = 3_000;

/** How the page calls itself before a signer. */
export const aboutPage = () => ({ name: "Satoshigle", url: globalThis.location?.origin ?? "" });

/** A bunker URI: what it says to the signer, and what tells it from others. */
type Link = { secret: string; link: string };

/**
 * Asks a signer whose key it signs with. With a bunker URI, connects first.
 *
 * @throws {SignInError}
 */
export const begin = async (line: Line, watch: Watch, uri?: Link): Promise<Identity> => {
  const { pubkey, relays } = await talkTo(line, watch, async (signer, ask) => {
    if (uri) {
      // BunkerSigner.connect() cannot ask for less than everything.
      await ask(signer.sendRequest("connect", [line.signer, uri.secret, PERMS, JSON.stringify(aboutPage())]));
    }
    const [pubkey, relays] = await Promise.all([
      ask(signer.getPublicKey()),
      betterRelays(ask, signer.sendRequest("switch_relays", [])),
    ]);
    return { pubkey: checkPublicKey(pubkey), relays };
  });
  const session: KeptSession = {
    by: "signer",
    key: bytesToHex(line.key),
    signer: line.signer,
    relays: relays.length > 0 ? relays : line.relays,
    pubkey,
    link: uri?.link,
  };
  return resume(session, watch);
};

const Better = v.pipe(v.string(), v.maxLength(8_192), v.parseJson(), v.array(v.string()));

/** Where the signer would rather be spoken to (NIP-46); none if it has no wish, does not know the method, or is slow. */
const betterRelays = async (ask: Ask, request: Promise<string>): Promise<string[]> => {
  const answer = await Promise.race([
    ask(request).catch(() => undefined),
    new Promise<undefined>((resolve) => setTimeout(resolve, SWITCH_MS)),
  ]);
  const parsed = v.safeParse(Better, answer);
  return parsed.success ? usableRelays(parsed.output) : [];
};

/** A session that has begun, now or before a reload; nobody is asked anything. */
export const resume = (session: KeptSession, watch: Watch): Identity => {
  const { key, signer, relays, pubkey } = session;
  const line: Line = { key: hexToBytes(key), signer, relays };
  return {
    npub: npubOf(pubkey),
    sign: async (draft) => {
      const { created_at = Math.floor(Date.now() / 1_000) } = draft;
      const template = { kind: draft.kind, content: draft.content, tags: draft.tags, created_at };
      const answer = await talkTo(line, watch, (remote, ask) => ask(remote.signEvent(template)));
      return checkSigned(answer, draft, pubkey);
    },
    keep: () => keep(session),
    signOut: async () => {
      // First, as the page may be closed before the signer has answered.
      forget(session);
      const goodbye = talkTo(line, watch, (remote, ask) => ask(remote.logout())).catch(() => {});
      await Promise.race([goodbye, new Promise((resolve) => setTimeout(resolve, LOGOUT_MS))]);
    },
  };
};
