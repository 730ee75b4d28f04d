/** Addresses of relays, as others name them. */
import * as v from "valibot";

const MOST_RELAYS = 8;
const MOST_LENGTH = 512;
const LOOPBACK = /^(localhost|127\.0\.0\.1)$/;

/**
 * Those of some texts that a page can connect to, as they were written, each once, eight at most: wss://, and ws:// on
 * this machine.
 */
export const usableRelays = (texts: readonly string[]): string[] => {
  const usable = new Map<string, string>();
  for (const text of texts.slice(0, 10 * MOST_RELAYS)) {
    if (text.length > MOST_LENGTH || !URL.canParse(text)) continue;
    const { protocol, hostname, username, password, href } = new URL(text);
    const isUsable = protocol === "wss:" || (protocol === "ws:" && LOOPBACK.test(hostname));
    if (isUsable && username + password === "" && !usable.has(href)) usable.set(href, text);
  }
  return [...usable.values()].slice(0, MOST_RELAYS);
};

/** A list of relays of which all can be used. */
export const Relays = v.pipe(
  v.array(v.string()),
  v.minLength(1),
  v.maxLength(MOST_RELAYS),
  v.check((relays) => usableRelays(relays).length === relays.length, "must be relays"),
);

/** How a relay is called before people. */
export const hostOf = (relay: string): string => new URL(relay).host;
