/** A lobby as its directory knows it. */
import { readLobbyName } from "../regions.ts";
import type { Load } from "../rpc.ts";
import type { LobbyState, LobbyView } from "./choice.ts";

const EMPTY: Load = {
  sockets: 0,
  absent: 0,
  waiting: { video: 0, text: 0 },
  matches: 0,
  searchesPerSecond: 0,
};

export class KnownLobby {
  readonly name: string;
  readonly region: string;
  readonly number: number;
  state: LobbyState;
  /** The last known. */
  load = EMPTY;
  /** When the load was asked for last (milliseconds); 0: never. */
  askedAt = 0;
  /** How many were sent there since. */
  #sent = 0;

  constructor(name: string, state: LobbyState) {
    const read = readLobbyName(name);
    if (!read) throw new Error("not the name of a lobby");
    this.name = name;
    this.region = read.region;
    this.number = read.number;
    this.state = state;
  }

  get view(): LobbyView {
    const { number, state, load } = this;
    return { number, state, sockets: load.sockets + this.#sent, searchesPerSecond: load.searchesPerSecond };
  }

  /** Nobody is there, nobody is on the way, nobody may come back. */
  get isEmpty(): boolean {
    return this.load.sockets + this.load.absent + this.#sent === 0;
  }

  know(load: Load): void {
    this.load = load;
    this.#sent = 0;
  }

  send(): void {
    this.#sent += 1;
  }
}
