/** Which name and picture the owner of a key has published (NIP-01, kind 0): said by strangers, shown to strangers. */

import { AbstractSimplePool } from "nostr-tools/abstract-pool";
import { verifyEvent } from "nostr-tools/pure";
import * as v from "valibot";
import { NostrEvent } from "../../protocol/nostr.ts";
import { CHECK_MARKS, isMisleading } from "./lookalikes.ts";
import { usableRelays } from "./relays.ts";
import { hexOfNpub } from "./signed.ts";
import { TextSocket } from "./text-socket.ts";

export interface Profile {
  /** Fit to be shown, 40 characters at most; never instead of the npub. */
  name: string | null;
  /** https://…, on a host of the owner's choosing, which learns the address of whoever loads it. */
  picture: string | null;
}

const METADATA = 0;
const MOST_CONTENT = 65_536;
/** A relay should have one; one that does not look at signatures may have others, and newer. It may send any number. */
const ASKED_EVENTS = 4;
const MOST_EVENTS = 8;
const MOST_MS = 6_000;

/** The newest profile that `relays` have of `npub`; undefined if they have none, or do not answer in time. */
export const loadProfile = async (npub: string, relays: readonly string[]): Promise<Profile | undefined> => {
  const pubkey = hexOfNpub(npub);
  const usable = usableRelays(relays);
  if (pubkey === undefined || usable.length === 0) return undefined;
  // The signatures of a few are checked below, not of all that a relay sends.
  const pool = new AbstractSimplePool({
    verifyEvent: () => true,
    maxWaitForConnection: MOST_MS,
    websocketImplementation: TextSocket,
  });
  const events: unknown[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const outOfTime = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, MOST_MS);
  });
  const answers = usable.map((relay) => ask(pool, relay, pubkey, (event) => events.push(event)));
  await Promise.race([Promise.all(answers), outOfTime]);
  clearTimeout(timer);
  pool.destroy();
  return chooseProfile(events, pubkey);
};

/**
 * Until it has no more, or has said enough. Each relay for itself: of several that are asked at once nostr-tools hears each
 * id but once, and whoever comes first with a forged event of that id would silence the others.
 */
const ask = (pool: AbstractSimplePool, relay: string, pubkey: string, hear: (event: unknown) => void) =>
  new Promise<void>((resolve) => {
    let count = 0;
    pool.subscribe(
      [relay],
      { kinds: [METADATA], authors: [pubkey], limit: ASKED_EVENTS },
      {
        onevent: (event) => {
          count += 1;
          if (count <= MOST_EVENTS) hear(event);
          if (count === MOST_EVENTS) pool.close([relay]);
        },
        oneose: resolve,
        onclose: () => resolve(),
      },
    );
  });

/** The profile in the newest event that `pubkey` (hex) has signed; of two of the same second the one with the lower id. */
export const chooseProfile = (events: readonly unknown[], pubkey: string): Profile | undefined => {
  const genuine = events.flatMap((event) => {
    const parsed = v.safeParse(v.object(NostrEvent.entries), event, { abortEarly: true });
    return parsed.success && isProfileOf(parsed.output, pubkey) ? [parsed.output] : [];
  });
  const [newest] = genuine.sort((a, b) => b.created_at - a.created_at || (a.id < b.id ? -1 : 1));
  return newest && readProfile(newest.content);
};

const isProfileOf = (event: NostrEvent, pubkey: string): boolean =>
  event.kind === METADATA &&
  event.pubkey === pubkey &&
  event.content.length <= MOST_CONTENT &&
  verifyEvent({ ...event });

/** Each field for itself: people's clients write all sorts of things. */
const Text = v.fallback(v.string(), "");
const Content = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ name: Text, display_name: Text, picture: Text }),
);

const readProfile = (content: string): Profile => {
  const parsed = v.safeParse(Content, content);
  if (!parsed.success) return { name: null, picture: null };
  const { name, display_name, picture } = parsed.output;
  return { name: cleanName(display_name) ?? cleanName(name), picture: cleanPicture(picture) };
};

const MOST_NAME = 40;
/** Nothing is to be seen of these, though they count as letters or signs. */
const BLANK = /[\u115f\u1160\u3164\uffa0\u2800]/gu;
/** More marks on a letter than any script has: they grow over the lines above and below. */
const HEAP_OF_MARKS = /(\p{M}{2})\p{M}+/gu;

/**
 * A name without what cannot be seen, what turns the direction of the text around it, what leaves its line, and check
 * marks. Null when nothing is left, and for what looks like an npub or like the page's own words: that is no name, and
 * perhaps not its owner's.
 */
export const cleanName = (said: string): string | null => {
  const name = said
    .slice(0, 1_000)
    .normalize("NFC")
    .replace(/\p{Cf}/gu, "")
    .replace(/\s+/gu, " ")
    .replace(/\p{C}/gu, "")
    .replace(BLANK, "")
    .replace(CHECK_MARKS, "")
    .replace(HEAP_OF_MARKS, "$1")
    .replace(/ +/g, " ")
    .trim();
  const short = [...name].slice(0, MOST_NAME).join("").trim();
  return short === "" || isMisleading(name) ? null : short;
};

const cleanPicture = (said: string): string | null => {
  if (said.length > 2_048 || !URL.canParse(said)) return null;
  const { protocol, username, password, href } = new URL(said);
  return protocol === "https:" && username + password === "" ? href : null;
};
