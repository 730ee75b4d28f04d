import { DurableObject } from "cloudflare:workers";
import type { Mode } from "../../protocol/client-messages.ts";
import type { Presence } from "../../protocol/http-answers.ts";
import { answered } from "../answered.ts";
import { readLobbyName } from "../regions.ts";
import {
  type Admission,
  type DirectoryAffairs,
  type DirectoryCalls,
  type LobbyFigures,
  MODERATION,
  type Name,
  type Refusal,
  type RegionMeasures,
} from "../rpc.ts";
import { readSettings, type Settings } from "../settings.ts";
import { Bulletin } from "./bulletin.ts";
import { type Crowd, whereOthersWait } from "./elsewhere.ts";
import type { KnownLobby } from "./known-lobby.ts";
import { ARRIVAL, Leases } from "./leases.ts";
import { Lobbies } from "./lobbies.ts";

/** Milliseconds: loads that are older are fetched anew; an admission makes do, for now, with those up to `USABLE`. */
const FRESH = 1_000;
const USABLE = 10_000;
/** Seconds. */
const DRAINING_RETRY = 30;

/**
 * Says which lobby of a region takes a new connection, how many connections an address holds, and where somebody who
 * waits alone is sent.
 *
 * What it keeps on disk changes rarely: which lobbies there are, who is banned. Everything that changes with each
 * visitor is in the lobbies, who hold the sockets, and is fetched from them: the leases when this object comes into
 * memory, the loads when somebody asks. So directory and lobbies agree again by themselves, whoever was evicted.
 */
export class Directory extends DurableObject<Env> implements DirectoryCalls, DirectoryAffairs {
  readonly #region: string;
  readonly #settings: Settings;
  readonly #bulletin: Bulletin;
  readonly #lobbies: Lobbies;
  readonly #leases = new Leases();
  #census: Promise<void> | undefined;
  #isDrained: boolean;
  #admitted = 0;
  readonly #refused: Record<string, number> = {};

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#region = ctx.id.name ?? "";
    this.#settings = readSettings(env);
    this.#lobbies = new Lobbies(ctx.storage.sql, this.#region, env.LOBBY, this.#leases);
    this.#bulletin = new Bulletin(ctx.storage, (version) =>
      env.MODERATION.getByName(MODERATION).news(this.#region, version),
    );
    this.#isDrained = ctx.storage.kv.get<boolean>("drained") ?? false;
  }

  async admit(ip: string, wish?: string): Promise<Admission> {
    await this.#prepare();
    const address = await this.#bulletin.nameOf(ip);
    const back = wish !== undefined && (await this.#mayComeBack(wish)) ? wish : undefined;
    if (this.#isFull(address)) await this.#confirm(address);
    // From here on nothing is waited for, so that nobody slips in between.
    const refusal = this.#refusal(address, back !== undefined);
    if (refusal) {
      this.#refused[refusal.reason] = (this.#refused[refusal.reason] ?? 0) + 1;
      return refusal;
    }
    const lobby = back === undefined ? this.#lobbies.next(this.#settings.lobbyLimits) : this.#known(back);
    this.#admitted += 1;
    const lease = this.#leases.grant(address, lobby.name, Date.now());
    return { admitted: true, lease, lobby: lobby.name, address };
  }

  release(lease: string): void {
    this.#leases.release(lease);
  }

  async isBanned(names: Name[]): Promise<boolean> {
    await this.#hearNews();
    return this.#bulletin.isBanned(names, Date.now());
  }

  async whereElse(lobby: string, mode: Mode): Promise<string | undefined> {
    const region = this.#region;
    const near = crowds(region, await this.lobbies(), mode);
    const from = near.find((crowd) => crowd.lobby === lobby);
    if (!from) return undefined;
    const far = async () =>
      (await this.#abroad()).flatMap(({ region, figures }) => crowds(region, figures, mode));
    const found = whereOthersWait(from, near) ?? whereOthersWait(from, await far());
    if (found !== undefined || from.state === "open" || this.#isDrained) return found;
    return this.#lobbies.next(this.#settings.lobbyLimits).name;
  }

  async lobbies(): Promise<LobbyFigures[]> {
    await this.#lobbies.refresh(FRESH);
    return this.#lobbies.here.map((lobby) => ({
      lobby: lobby.name,
      state: this.#isDrained ? "drained" : lobby.state,
      isFull: this.#lobbies.socketsIn(lobby) >= this.#settings.lobbyLimits.sockets,
      load: lobby.load,
    }));
  }

  takes(lobby: string): boolean {
    const known = this.#lobbies.get(lobby);
    return known !== undefined && this.#lobbies.socketsIn(known) < 2 * this.#settings.lobbyLimits.sockets;
  }

  async presence(): Promise<Presence> {
    const [here, abroad] = await Promise.all([this.lobbies(), this.#abroad()]);
    const loads = [...here, ...abroad.flatMap(({ figures }) => figures)].map(({ load }) => load);
    return {
      online: loads.reduce((sum, { sockets }) => sum + sockets, 0),
      waiting: loads.reduce((sum, { waiting }) => sum + waiting.video + waiting.text, 0),
    };
  }

  async measures(): Promise<RegionMeasures> {
    const asked = this.#lobbies.here.map(async ({ name }) => ({
      lobby: name,
      measures: await this.#lobbies.stub(name).measures(),
    }));
    return { admitted: this.#admitted, refused: this.#refused, lobbies: await answered(asked) };
  }

  async update(): Promise<void> {
    const banned = await this.#bulletin.read(Date.now());
    if (banned.length === 0) return;
    await answered(this.#lobbies.here.map(async ({ name }) => this.#lobbies.stub(name).expel(banned)));
  }

  async drain(on: boolean, lobby?: string): Promise<boolean> {
    const meant = this.#lobbies.here.filter(({ name }) => lobby === undefined || name === lobby);
    if (lobby === undefined) {
      this.#isDrained = on;
      this.ctx.storage.kv.put("drained", on);
    } else if (meant.length === 0) return false;
    else this.#lobbies.set(lobby, on ? "drained" : "open");
    await Promise.all(
      meant.map(({ name, state }) => this.#lobbies.stub(name).drain(this.#isDrained || state === "drained")),
    );
    return true;
  }

  /** What an admission has to know: who is connected already, once; what has changed, from time to time. */
  async #prepare(): Promise<void> {
    await this.#hearNews();
    this.#census ??= this.#lobbies.census();
    await this.#census;
    await this.#lobbies.refresh(USABLE);
    this.ctx.waitUntil(this.#lobbies.refresh(FRESH));
  }

  /** Asks no lobby: one may be waiting for the answer, and be answering nobody meanwhile. */
  async #hearNews(): Promise<void> {
    if (this.#bulletin.isMissing) await this.update();
    else if (this.#bulletin.isDue(Date.now())) this.ctx.waitUntil(this.update().catch(() => {}));
  }

  #refusal(address: Name, isBack: boolean): Refusal | undefined {
    if (this.#bulletin.isBanned([address], Date.now())) return { admitted: false, reason: "banned" };
    if (this.#isFull(address))
      return { admitted: false, reason: "too-many-connections", retryAfter: ARRIVAL / 1_000 };
    if (this.#isDrained && !isBack)
      return { admitted: false, reason: "draining", retryAfter: DRAINING_RETRY };
    return undefined;
  }

  #isFull(address: Name): boolean {
    return this.#leases.of(address).length >= this.#settings.maxConnectionsPerAddress;
  }

  /** Asks the lobbies which of the leases of an address are still held; one that does not answer holds its own. */
  async #confirm(address: Name): Promise<void> {
    const asked = this.#leases.of(address);
    const byLobby = [...Map.groupBy(asked, ({ lobby }) => lobby)];
    const held = await Promise.all(
      byLobby.map(([lobby, leases]) => {
        const ids = leases.map(({ id }) => id);
        return this.#lobbies
          .stub(lobby)
          .holding(ids)
          .catch(() => ids);
      }),
    );
    this.#leases.confirm(asked, new Set(held.flat()), Date.now());
  }

  /** Any lobby of this region that is known; of another region, if its directory knows it. */
  async #mayComeBack(wish: string): Promise<boolean> {
    const read = readLobbyName(wish);
    if (!read) return false;
    if (read.region === this.#region) return this.takes(wish);
    return this.env.DIRECTORY.getByName(read.region).takes(wish);
  }

  /** A lobby of another region becomes known when the first one goes there. */
  #known(name: string): KnownLobby {
    return this.#lobbies.get(name) ?? this.#lobbies.set(name, "open");
  }

  async #abroad(): Promise<{ region: string; figures: LobbyFigures[] }[]> {
    const regions = this.#bulletin.regions.filter((region) => region !== this.#region);
    return answered(
      regions.map(async (region) => ({
        region,
        figures: await this.env.DIRECTORY.getByName(region).lobbies(),
      })),
    );
  }
}

const crowds = (region: string, figures: LobbyFigures[], mode: Mode): Crowd[] =>
  figures.map(({ lobby, state, isFull, load }) => ({
    lobby,
    region,
    state,
    isFull,
    waiting: load.waiting[mode],
  }));
