/** The lobbies that a directory has sent people to: their states are kept on disk, their loads asked for. */
import { answered } from "../answered.ts";
import { lobbyName } from "../regions.ts";
import type { Load } from "../rpc.ts";
import { type Limits, type LobbyState, type LobbyView, lobbyFor, lobbyToClose } from "./choice.ts";
import { KnownLobby } from "./known-lobby.ts";
import type { Leases } from "./leases.ts";

type Namespace = Env["LOBBY"];

export class Lobbies {
  readonly #sql: SqlStorage;
  readonly #region: string;
  readonly #namespace: Namespace;
  readonly #leases: Leases;
  readonly #byName = new Map<string, KnownLobby>();

  /** @param region that of the directory */
  constructor(sql: SqlStorage, region: string, namespace: Namespace, leases: Leases) {
    this.#sql = sql;
    this.#region = region;
    this.#namespace = namespace;
    this.#leases = leases;
    sql.exec("CREATE TABLE IF NOT EXISTS lobbies (name TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID");
    for (const { name, state } of sql.exec<{ name: string; state: LobbyState }>("SELECT * FROM lobbies"))
      this.#byName.set(name, new KnownLobby(name, state));
  }

  /** Those of the directory's own region. */
  get here(): KnownLobby[] {
    return [...this.#byName.values()].filter(({ region }) => region === this.#region);
  }

  get(name: string): KnownLobby | undefined {
    return this.#byName.get(name);
  }

  stub(name: string): DurableObjectStub<import("../lobby.ts").Lobby> {
    return this.#namespace.getByName(name);
  }

  /** The lobby is known from now on, in this state. */
  set(name: string, state: LobbyState): KnownLobby {
    const lobby = this.#byName.get(name) ?? new KnownLobby(name, state);
    lobby.state = state;
    this.#byName.set(name, lobby);
    this.#sql.exec("INSERT INTO lobbies VALUES (?1, ?2) ON CONFLICT DO UPDATE SET state = ?2", name, state);
    return lobby;
  }

  /** The lobby for the next who comes. The youngest closes if it is not needed, and is forgotten when it is empty. */
  next(limits: Limits): KnownLobby {
    for (const lobby of this.here)
      if (lobby.state === "closing" && this.#isEmpty(lobby)) this.#forget(lobby.name);
    const spare = lobbyToClose(this.#views(), limits);
    if (spare !== undefined) this.set(lobbyName(this.#region, spare), "closing");
    const name = lobbyName(this.#region, lobbyFor(this.#views(), limits));
    const known = this.#byName.get(name);
    return known?.state === "open" ? known : this.set(name, "open");
  }

  /** Asks every lobby which leases it holds. One that does not answer holds nothing. */
  async census(): Promise<void> {
    await answered([...this.#byName.values()].map((lobby) => this.#count(lobby)));
  }

  /** From now on the loads of this region are no older than this (milliseconds), where a lobby answers. */
  async refresh(age: number): Promise<void> {
    const now = Date.now();
    const stale = this.here.filter(({ askedAt }) => now - askedAt > age);
    await answered(
      stale.map(async (lobby) => {
        lobby.askedAt = now;
        this.#learn(lobby, await this.stub(lobby.name).load());
        // Some are gone that it did not give back: it has crashed since.
        if (this.#leases.arrived(lobby.name, now).length > lobby.load.sockets) await this.#count(lobby);
      }),
    );
  }

  socketsIn({ name, foreign }: KnownLobby): number {
    return this.#leases.count(name) + foreign;
  }

  async #count(lobby: KnownLobby): Promise<void> {
    lobby.askedAt = Date.now();
    const { leases, load } = await this.stub(lobby.name).census(this.#region);
    this.#leases.restore(lobby.name, leases, Date.now());
    this.#learn(lobby, load);
  }

  #learn(lobby: KnownLobby, load: Load): void {
    lobby.load = load;
    lobby.foreign = Math.max(0, load.sockets - this.#leases.count(lobby.name));
  }

  #views(): LobbyView[] {
    return this.here.map((lobby) => ({
      number: lobby.number,
      state: lobby.state,
      sockets: this.socketsIn(lobby),
      searchesPerSecond: lobby.load.searchesPerSecond,
    }));
  }

  /** Nobody is there, nobody is on the way, nobody may come back. */
  #isEmpty(lobby: KnownLobby): boolean {
    return this.socketsIn(lobby) + lobby.load.absent === 0;
  }

  #forget(name: string): void {
    this.#byName.delete(name);
    this.#sql.exec("DELETE FROM lobbies WHERE name = ?", name);
  }
}
