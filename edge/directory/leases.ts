/**
 * Which connections an address holds, and in which lobbies. In memory only: each lobby knows the leases of its sockets
 * and can be asked for them, so that a connection costs no row, nothing needs renewing, and a crash leaks nothing.
 */
import type { Name } from "../rpc.ts";

export type Lease = { id: string; lobby: string; since: number };

/** Milliseconds. From its lease to its arrival in the lobby a connection takes less. */
export const ARRIVAL = 5_000;

export class Leases {
  readonly #byAddress = new Map<Name, Lease[]>();

  /** @param now milliseconds */
  grant(address: Name, lobby: string, now: number): string {
    const id = `${address}.${crypto.randomUUID()}`;
    this.#add({ id, lobby, since: now });
    return id;
  }

  of(address: Name): readonly Lease[] {
    return this.#byAddress.get(address) ?? [];
  }

  /** Takes over what a lobby says that it holds. */
  restore(lobby: string, ids: string[]): void {
    for (const id of ids) {
      this.release(id);
      this.#add({ id, lobby, since: 0 });
    }
  }

  /** Lobbies were asked about these, and hold only `held`: others are gone, but for those on their way. */
  confirm(asked: readonly Lease[], held: ReadonlySet<string>, now: number): void {
    for (const { id, since } of asked) if (!held.has(id) && now - since >= ARRIVAL) this.release(id);
  }

  release(id: string): void {
    const rest = this.of(addressIn(id)).filter((lease) => lease.id !== id);
    if (rest.length > 0) this.#byAddress.set(addressIn(id), rest);
    else this.#byAddress.delete(addressIn(id));
  }

  #add(lease: Lease): void {
    const address = addressIn(lease.id);
    this.#byAddress.set(address, [...this.of(address), lease]);
  }
}

const addressIn = (id: string): Name => id.slice(0, id.indexOf("."));
