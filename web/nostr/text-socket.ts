/** What a relay may say to the page. */

/** Characters: an event with as much content as the page reads, in the longest way to write it, and its tags. */
const MOST_LENGTH = 512 * 1_024;

/**
 * A WebSocket that hears text of a bounded length only. Anybody may run a relay, and nostr-tools throws on a binary
 * message where nobody could catch it.
 */
export class TextSocket extends WebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols);
    // Before any other listener.
    this.addEventListener("message", (event: MessageEvent<unknown>) => {
      if (!isHeard(event.data)) event.stopImmediatePropagation();
    });
  }
}

const isHeard = (data: unknown): boolean => typeof data === "string" && data.length <= MOST_LENGTH;
