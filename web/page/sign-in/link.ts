/** `#bunker=<URI>` in the page's address: a link that signs in. */

const LINK = /^#bunker=(.+)$/s;
const MOST_LENGTH = 16_384;

/** The URI in a fragment, however little it may be one; undefined where there is none. */
export function bunkerIn(fragment: string): string | undefined {
  const [, encoded] = LINK.exec(fragment.slice(0, MOST_LENGTH)) ?? [];
  try {
    return encoded && decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

/** The same of the page's address, from which it is removed at once: it is a secret, and addresses are shown and kept. */
export function takeBunkerLink(): string | undefined {
  const uri = bunkerIn(location.hash);
  if (uri !== undefined) history.replaceState(history.state, "", location.pathname + location.search);
  return uri;
}

/** Whether a page is served by the machine that it is seen on. */
export const isLoopback = (hostname: string): boolean =>
  /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
