/** A lobby as its directory knows it. */
import { readLobbyName } from "../regions.ts";
import type { Load } from "../rpc.ts";
import type { LobbyState } from "./choice.ts";

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
  /** Of its sockets, those of people from other regions, whose leases are there. */
  foreign = 0;
  /** When the load was asked for last (milliseconds); 0: never. */
  askedAt = 0;

  constructor(name: string, state: LobbyState) {
    const read = readLobbyName(name);
    if (!read) throw new Error("not the name of a lobby");
    this.name = name;
    this.region = read.region;
    this.number = read.number;
    this.state = state;
  }
}
