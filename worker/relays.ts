/**
 * All relay connections as one: what a bunker hears and says, it hears and says on every relay of the worker,
 * and on those that clients of its key brought along.
 */
import type { NostrEvent } from "../protocol/nostr.ts";
import { within } from "./db/session.ts";
import { ExtraRelays } from "./extra-relays.ts";
import { relayAddress } from "./relay-address.ts";
import type { Filter } from "./relay-answer.ts";
import { RelayConnection, type RelayOptions, type RelayStatus } from "./relay-connection.ts";
import type { End, OnFound } from "./relay-lookups.ts";

/**
 * Connects to `urls` and hands every event of kind 24133 for the public keys listened to, unverified, to
 * the listener. A relay that is away is tried again for ever.
 */
export class Relays {
  #connections: Map<string, RelayConnection>;
  #extra: ExtraRelays<RelayConnection>;

  constructor(urls: string[], options: Omit<RelayOptions, "start">) {
    const connect = (url: string, start = 0) =>
      new RelayConnection(url, { ...options, start, log: options.log.child({ relay: url }) });
    this.#connections = new Map(
      urls.map((url, index) => [relayAddress(url) ?? url, connect(url, index / urls.length)]),
    );
    this.#extra = new ExtraRelays(connect, options.log);
  }

  /** Starts connecting; resolves with the number of relays connected when all are, or after `timeoutMs`. */
  async connect(timeoutMs: number): Promise<number> {
    const all = Promise.all([...this.#connections.values()].map((connection) => connection.open()));
    await within(all, timeoutMs, "not all relays connected").catch(() => {});
    return this.status().filter(({ connected }) => connected).length;
  }

  /** Resolves when the relays of the worker that are connected listen for every key, or after `timeoutMs`. */
  async caughtUp(timeoutMs: number): Promise<void> {
    const all = Promise.all([...this.#connections.values()].map((connection) => connection.caughtUp()));
    await within(all, timeoutMs, "not all keys are heard").catch(() => {});
  }

  /** Listens for requests to these keys (hex), and no longer to those. */
  update(change: { add?: Iterable<string>; remove?: Iterable<string> }): void {
    const add = [...(change.add ?? [])];
    const remove = [...(change.remove ?? [])];
    for (const connection of this.#connections.values()) connection.update(add, remove);
    for (const pubkey of remove) this.#extra.set(pubkey, new Set());
  }

  /** Listens for requests to a key (hex) also at these relays, and at no others but those of the worker. */
  extend(pubkey: string, urls: string[]): void {
    const addresses = urls.flatMap((url) => relayAddress(url) ?? []);
    this.#extra.set(pubkey, new Set(addresses.filter((address) => !this.#connections.has(address))));
  }

  /** Sends an event of a key to every relay of the key, to those that are away as soon as they are back. */
  publish(event: NostrEvent): void {
    const frame = JSON.stringify(["EVENT", event]);
    for (const connection of this.#of(event.pubkey)) connection.publish(event.id, event.pubkey, frame);
  }

  /** What these keys (hex) have said is not sent again, wherever it was not taken yet. */
  withdraw(pubkeys: Iterable<string>): void {
    const authors = new Set(pubkeys);
    for (const connection of this.#all()) connection.withdraw(authors);
  }

  /** Asks every relay again for all requests of late, and has it take what it has not taken yet. */
  renewAll(): void {
    for (const connection of this.#all()) connection.renewAll();
  }

  /** Tells of all events that the relays of the worker have for a filter (NIP-01), and how it ended with each. */
  ask(filter: Filter, timeoutMs: number, onFound: OnFound): Promise<End[]> {
    const all = [...this.#connections.values()];
    return Promise.all(all.map((connection) => connection.ask(filter, timeoutMs, onFound)));
  }

  /** Whether one of these relays listens for a key (hex). */
  hears(pubkey: string, urls: string[]): boolean {
    return this.#hearing(pubkey, urls).length > 0;
  }

  /** Sends an event of a key to those of these relays that listen for the key. Whether one has taken it in time. */
  async deliver(event: NostrEvent, urls: string[], timeoutMs: number): Promise<boolean> {
    const frame = JSON.stringify(["EVENT", event]);
    const listening = this.#hearing(event.pubkey, urls);
    if (listening.length === 0) return false;
    const taken = new Promise<boolean>((resolve) => {
      for (const connection of listening) {
        connection.publish(event.id, event.pubkey, frame, () => resolve(true));
      }
    });
    return within(taken, timeoutMs, "no relay took it").catch(() => false);
  }

  /** Sends an event to one relay (its URL), if it is connected. */
  publishTo(relay: string, event: NostrEvent): void {
    this.#at(relay)?.publishNow(JSON.stringify(["EVENT", event]));
  }

  /** The keys (hex) of each subscription that a relay (its URL) has confirmed. */
  listening(relay: string): string[][] {
    return this.#at(relay)?.listening() ?? [];
  }

  /** Sends the subscriptions of these keys (hex) to a relay (its URL) again. */
  renew(relay: string, pubkeys: Iterable<string>): void {
    this.#at(relay)?.renew(pubkeys);
  }

  /** The relays of the worker. */
  status(): RelayStatus[] {
    return [...this.#connections.values()].map((connection) => connection.status());
  }

  /** The relays that clients brought along, and that are in use. */
  extraStatus(): RelayStatus[] {
    return this.#extra.all().map((connection) => connection.status());
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close();
    this.#extra.close();
  }

  #all(): RelayConnection[] {
    return [...this.#connections.values(), ...this.#extra.all()];
  }

  #of(pubkey: string): RelayConnection[] {
    return [...this.#connections.values(), ...this.#extra.of(pubkey)];
  }

  #hearing(pubkey: string, urls: string[]): RelayConnection[] {
    return urls.flatMap((url) => this.#at(url) ?? []).filter((connection) => connection.hears(pubkey));
  }

  #at(url: string): RelayConnection | undefined {
    const address = relayAddress(url) ?? url;
    return this.#connections.get(address) ?? this.#extra.at(address);
  }
}
