/** All relay connections as one: what a bunker hears and says, it hears and says on every relay. */
import type { NostrEvent } from "../protocol/nostr.ts";
import { within } from "./db/session.ts";
import type { Logger } from "./log.ts";
import { RelayConnection, type RelayListener, type RelayStatus } from "./relay-connection.ts";

/**
 * Connects to `urls` and hands every event of kind 24133 for the public keys listened to, unverified, to
 * the listener. A relay that is away is tried again for ever.
 */
export class Relays {
  #connections: RelayConnection[];

  constructor(urls: string[], listener: RelayListener, log: Logger) {
    this.#connections = urls.map((url) => new RelayConnection(url, listener, log.child({ relay: url })));
  }

  /** Starts connecting; resolves with the number of relays connected when all are, or after `timeoutMs`. */
  async connect(timeoutMs: number): Promise<number> {
    const all = Promise.all(this.#connections.map((connection) => connection.open()));
    await within(all, timeoutMs, "not all relays connected").catch(() => {});
    return this.status().filter(({ connected }) => connected).length;
  }

  /** Listens for requests to these keys (hex), and no longer to those. */
  update(change: { add?: Iterable<string>; remove?: Iterable<string> }): void {
    const add = [...(change.add ?? [])];
    const remove = [...(change.remove ?? [])];
    for (const connection of this.#connections) connection.update(add, remove);
  }

  /** Sends an event to every relay, to those that are away as soon as they are back. */
  publish(event: NostrEvent): void {
    const frame = JSON.stringify(["EVENT", event]);
    for (const connection of this.#connections) connection.publish(event.id, frame);
  }

  /** Sends an event to one relay (its URL), if it is connected. */
  publishTo(relay: string, event: NostrEvent): void {
    this.#of(relay)?.publishNow(JSON.stringify(["EVENT", event]));
  }

  /** The keys (hex) of each subscription that a relay (its URL) has confirmed. */
  listening(relay: string): string[][] {
    return this.#of(relay)?.listening() ?? [];
  }

  /** Sends the subscriptions of these keys (hex) to a relay (its URL) again. */
  renew(relay: string, pubkeys: Iterable<string>): void {
    this.#of(relay)?.renew(pubkeys);
  }

  status(): RelayStatus[] {
    return this.#connections.map((connection) => connection.status());
  }

  #of(relay: string): RelayConnection | undefined {
    return this.#connections.find((connection) => connection.status().url === relay);
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}
