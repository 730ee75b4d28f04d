/** What every bunker asks before it does anything: the database, the rate limits and the counts, as one. */
import type { NostrEvent } from "../protocol/nostr.ts";
import { AccessReader } from "./access.ts";
import type { ConnectRequest, Surroundings } from "./bunker.ts";
import { CHANGE_MS, Circuit } from "./circuit.ts";
import type { Access, Grant } from "./grant.ts";
import type { LastReplies } from "./leases/last-replies.ts";
import type { Logger } from "./log.ts";
import type { ConnectPolicy } from "./policy.ts";
import { type Rate, Rates } from "./rates.ts";
import type { BindRefusal, Store } from "./store.ts";

/** Nobody notices so many milliseconds; under load they take away most of what the database costs a request. */
const READ_PAUSE_MS = 16;

export interface GateOptions {
  store: Pick<Store, "ping" | "access" | "bind" | "endSessions" | "spend">;
  lastReplies: Pick<LastReplies, "find">;
  policy: ConnectPolicy;
  /** Where clients find the signer. */
  relays: readonly string[];
  /** Requests a minute of one client, and of one key. */
  clientRate: number;
  keyRate: number;
  /** How long connected clients are served from memory while the database is away, in milliseconds. */
  cacheMs: number;
  log: Logger;
  /** Milliseconds since 1970. */
  now(): number;
}

export class Gate implements Surroundings {
  #options: GateOptions;
  #circuit: Circuit;
  #access: AccessReader;
  #clients: Rates;
  #clientRate: Rate;
  #keys: Rates;
  #keyRate: Rate;
  #tokens: Rates;

  constructor(options: GateOptions) {
    this.#options = options;
    const { store, clientRate, keyRate, cacheMs, log, now } = options;
    this.#circuit = new Circuit(() => store.ping(), log);
    this.#access = new AccessReader({ store, circuit: this.#circuit, cacheMs, pauseMs: READ_PAUSE_MS, now });
    this.#clients = new Rates(now);
    this.#clientRate = perMinute(clientRate);
    this.#keys = new Rates(now);
    this.#keyRate = perMinute(keyRate);
    this.#tokens = new Rates(now);
  }

  /** What the database says of a key has changed, or with `*` of what is stopped: what was read before counts no more. */
  forget(npub: string): void {
    this.#access.forget(npub);
  }

  /** Resolves when the database answers what requests ask; or soon after `close`. */
  async ready(): Promise<void> {
    await this.#circuit.ask(() => this.#options.store.ping()).catch(() => this.#circuit.answering());
  }

  close(): void {
    this.#circuit.close();
  }

  get policy(): ConnectPolicy {
    return this.#options.policy;
  }

  get relays(): readonly string[] {
    return this.#options.relays;
  }

  now(): number {
    return this.#options.now();
  }

  answeredBefore(...[pubkey, client, decrypt]: Parameters<Surroundings["answeredBefore"]>) {
    return this.#options.lastReplies.find(pubkey, client, decrypt);
  }

  wait(client: string): number {
    return this.#clients.take(client, this.#clientRate);
  }

  waitForKey(npub: string): number {
    return this.#keys.take(npub, this.#keyRate);
  }

  access(npub: string, client: string): Promise<Access> {
    return this.#access.read(npub, client);
  }

  async bind(
    npub: string,
    client: string,
    { secret, asked, info }: ConnectRequest,
    { id }: NostrEvent,
  ): Promise<BindRefusal> {
    const connection = { token: secret, asked, info, event: id };
    try {
      return await this.#circuit.ask(() => this.#options.store.bind(npub, client, connection), CHANGE_MS);
    } catch (error) {
      // Who is connected already may connect again, as most clients do whenever they start.
      const known = this.#access.remembered(npub, client)?.grants ?? [];
      if (known.some((grant) => grant.client === client && grant.token === secret)) return null;
      throw error;
    }
  }

  async end(npub: string, client: string, { id }: NostrEvent): Promise<void> {
    await this.#circuit.ask(() => this.#options.store.endSessions(npub, client, id), CHANGE_MS);
    this.#access.forget(npub);
  }

  async spend({ token, uses, usesPerMinute }: Grant, { id }: NostrEvent): Promise<string | null> {
    if (usesPerMinute !== null) {
      const seconds = this.#tokens.take(token, { burst: usesPerMinute, perSecond: usesPerMinute / 60 });
      if (seconds > 0)
        return `the token allows ${usesPerMinute} a minute: try again in ${Math.ceil(seconds)} s`;
    }
    if (
      uses &&
      !(await this.#circuit.ask(() => this.#options.store.spend(token, uses.limit, id), CHANGE_MS))
    ) {
      return "the uses of the token are used up: ask for a new one";
    }
    return null;
  }
}

/** A tenth of a minute's worth at once: a client that opens a page of messages decrypts them all together. */
const perMinute = (rate: number): Rate => ({ burst: Math.max(10, rate / 10), perSecond: rate / 60 });
