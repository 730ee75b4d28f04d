/** What tells a relay that asks (NIP-42) who this process is. */
import { CLIENT_AUTH, type NostrEvent } from "../protocol/nostr.ts";
import type { LocalKey } from "./keys.ts";

const MAX_CHALLENGE_LENGTH = 1_024;

/** The event that answers a challenge of the relay at `url`; undefined when it is none. */
export const authenticate = (
  challenge: unknown,
  url: string,
  identity: Pick<LocalKey, "sign">,
): NostrEvent | undefined => {
  if (typeof challenge !== "string" || challenge.length > MAX_CHALLENGE_LENGTH) return undefined;
  return identity.sign({
    kind: CLIENT_AUTH,
    content: "",
    tags: [
      ["relay", url],
      ["challenge", challenge],
    ],
    created_at: Math.floor(Date.now() / 1000),
  });
};
