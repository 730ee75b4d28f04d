/**
 * The relays that clients brought along (`nostrconnect://`). Each is connected while some key is wanted there,
 * and only those keys are subscribed there.
 */
import type { Logger } from "./log.ts";

/** Connections to such relays in all. */
const MOST_RELAYS = 64;
const NONE: ReadonlySet<string> = new Set();

interface Connection {
  open(): Promise<void>;
  update(add: Iterable<string>, remove: Iterable<string>): void;
  close(): void;
}

export class ExtraRelays<C extends Connection> {
  #connect: (address: string) => C;
  #log: Logger;
  #keys = new Map<string, Set<string>>();
  #addresses = new Map<string, ReadonlySet<string>>();
  #connections = new Map<string, C>();

  constructor(connect: (address: string) => C, log: Logger) {
    this.#connect = connect;
    this.#log = log;
  }

  /** From now on a key (hex) is wanted at these relays, and at no others. */
  set(pubkey: string, addresses: ReadonlySet<string>): void {
    const before = this.#addresses.get(pubkey) ?? NONE;
    if (before.size + addresses.size === 0) return;
    for (const address of before) if (!addresses.has(address)) this.#leave(address, pubkey);
    for (const address of addresses) if (!before.has(address)) this.#join(address, pubkey);
    if (addresses.size > 0) this.#addresses.set(pubkey, addresses);
    else this.#addresses.delete(pubkey);
    this.#open();
  }

  /** The connections at which a key is wanted. */
  of(pubkey: string): C[] {
    return [...(this.#addresses.get(pubkey) ?? [])].flatMap((address) => this.at(address) ?? []);
  }

  at(address: string): C | undefined {
    return this.#connections.get(address);
  }

  all(): C[] {
    return [...this.#connections.values()];
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close();
  }

  #join(address: string, pubkey: string): void {
    const keys = this.#keys.get(address) ?? new Set();
    this.#keys.set(address, keys.add(pubkey));
    this.#connections.get(address)?.update([pubkey], []);
    if (keys.size === 1 && this.#connections.size >= MOST_RELAYS) {
      this.#log.warn(
        { relay: address },
        `connected to ${MOST_RELAYS} relays of clients already: this one has to wait`,
      );
    }
  }

  #leave(address: string, pubkey: string): void {
    const keys = this.#keys.get(address);
    keys?.delete(pubkey);
    if (keys && keys.size > 0) {
      this.#connections.get(address)?.update([], [pubkey]);
      return;
    }
    this.#keys.delete(address);
    this.#connections.get(address)?.close();
    this.#connections.delete(address);
  }

  /** In the order in which they were asked for. */
  #open(): void {
    for (const [address, keys] of this.#keys) {
      if (this.#connections.size >= MOST_RELAYS) return;
      if (this.#connections.has(address)) continue;
      const connection = this.#connect(address);
      this.#connections.set(address, connection);
      connection.update(keys, []);
      void connection.open();
    }
  }
}
