/** Listening for a signer, as a phone needs it. */
import { AbstractSimplePool, type SubCloser, type SubscribeManyParams } from "nostr-tools/abstract-pool";
import type { Filter } from "nostr-tools/filter";
import { verifyEvent } from "nostr-tools/pure";
import { TextSocket } from "./text-socket.ts";

const CONNECT_MS = 10_000;
/** Characters of an encrypted answer: that to a request of ours is a few hundred. */
const MOST_CONTENT = 65_536;
/** Signers whose clocks are behind, and answers from before the connection broke, are heard, too. */
const SLACK_SECONDS = 60;
/** Milliseconds before each attempt to listen again; the last stays. */
const AGAIN_MS = [250, 500, 1_000, 2_000, 5_000];

/**
 * nostr-tools' relays, but for this: while its person is in the signer's app, a phone closes the page's sockets. So a
 * relay that was reached once is listened to again, and asked for what it has kept meanwhile. nostr-tools asks for news
 * only, and takes a connection that broke for one that never was.
 */
export class SignerRelays extends AbstractSimplePool {
  readonly #since = Math.floor(Date.now() / 1_000) - SLACK_SECONDS;
  readonly #reached = new Set<string>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #isOver = false;

  constructor() {
    super({
      verifyEvent: (event) => event.content.length <= MOST_CONTENT && verifyEvent(event),
      maxWaitForConnection: CONNECT_MS,
      websocketImplementation: TextSocket,
    });
    this.onRelayConnectionSuccess = (url) => this.#reached.add(url);
  }

  /** `params.onclose` is told once none of the relays was reached, or none is listened to any more. */
  override subscribe(relays: string[], { limit: _, ...filter }: Filter, params: SubscribeManyParams) {
    const heard = new Set<string>();
    const open = new Map<string, SubCloser>();
    const closed: { url: string; reason: string }[] = [];
    let isOver = false;

    const listen = (relay: string, attempt: number) => {
      const subscription = super.subscribe(
        [relay],
        { ...filter, since: this.#since },
        {
          ...params,
          alreadyHaveEvent: (id) => heard.has(id),
          onevent: (event) => {
            heard.add(event.id);
            // What a signer garbles is thrown where nobody would catch it.
            (async () => params.onevent?.(event))().catch(() => {});
          },
          onclose: ([end]) => {
            if (end && this.#reached.has(end.url) && !isOver && !this.#isOver) again(relay, attempt + 1);
            else if (end && closed.push(end) === relays.length) params.onclose?.(closed);
          },
        },
      );
      open.set(relay, subscription);
    };
    const again = (relay: string, attempt: number) => {
      const delay = AGAIN_MS[Math.min(attempt, AGAIN_MS.length) - 1];
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        if (!isOver) listen(relay, attempt);
      }, delay);
      this.#timers.add(timer);
    };

    for (const relay of relays) listen(relay, 0);
    return {
      close: (reason?: string) => {
        isOver = true;
        for (const subscription of open.values()) subscription.close(reason);
      },
    };
  }

  override destroy(): void {
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
    // Once the goodbyes of subscriptions that were just closed are out: after the sockets they would be errors.
    setTimeout(() => super.destroy());
  }
}
