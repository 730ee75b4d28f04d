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
  readonly #byLobby = new Map<string, Map<string, Lease>>();

  /** @param now milliseconds */
  grant(address: Name, lobby: string, now: number): string {
    const id = `${address}.${crypto.randomUUID()}`;
    this.#add({ id, lobby, since: now });
    return id;
  }

  of(address: Name): readonly Lease[] {
    return this.#byAddress.get(address) ?? [];
  }

  /** How many there are in a lobby, or on their way to it. */
  count(lobby: string): number {
    return this.#byLobby.get(lobby)?.size ?? 0;
  }

  /** Those of a lobby that arrived there, if they are not gone by now. */
  arrived(lobby: string, now: number): Lease[] {
    return [...(this.#byLobby.get(lobby)?.values() ?? [])].filter(({ since }) => now - since >= ARRIVAL);
  }

  /** A lobby says that these are all that it holds. */
  restore(lobby: string, held: string[], now: number): void {
    this.confirm(this.arrived(lobby, now), new Set(held), now);
    for (const id of held) if (!this.#byLobby.get(lobby)?.has(id)) this.#add({ id, lobby, since: 0 });
  }

  /** Lobbies were asked about these, and hold only `held`: others are gone, but for those on their way. */
  confirm(asked: readonly Lease[], held: ReadonlySet<string>, now: number): void {
    for (const { id, since } of asked) if (!held.has(id) && now - since >= ARRIVAL) this.release(id);
  }

  release(id: string): void {
    const lease = this.of(addressIn(id)).find((each) => each.id === id);
    if (!lease) return;
    this.#byLobby.get(lease.lobby)?.delete(id);
    const rest = this.of(addressIn(id)).filter((each) => each !== lease);
    if (rest.length > 0) this.#byAddress.set(addressIn(id), rest);
    else this.#byAddress.delete(addressIn(id));
  }

  #add(lease: Lease): void {
    const address = addressIn(lease.id);
    this.#byAddress.set(address, [...this.of(address), lease]);
    const there = this.#byLobby.get(lease.lobby) ?? new Map<string, Lease>();
    this.#byLobby.set(lease.lobby, there.set(lease.id, lease));
  }
}

const addressIn = (id: string): Name => id.slice(0, id.indexOf("."));
