/** What every bunker asks before it does anything: the database, the rate limits and the counts, as one. */
import { AccessReader } from "./access.ts";
import type { Surroundings } from "./bunker.ts";
import type { ConnectPolicy } from "./policy.ts";
import { type Rate, Rates } from "./rates.ts";
import type { Store } from "./store.ts";

export interface GateOptions {
  store: Pick<Store, "access" | "bind" | "endSessions" | "spend">;
  policy: ConnectPolicy;
  /** Requests a minute of one client, and of one key. */
  clientRate: number;
  keyRate: number;
  /** Milliseconds since 1970. */
  now(): number;
}

export class Gate {
  #options: GateOptions;
  #access: AccessReader;
  #rates: Rates;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#access = new AccessReader(options.store);
    this.#rates = new Rates(options.now);
  }

  /** What the bunker of a key asks. `npub` and `pubkey` are the same key. */
  of(npub: string, pubkey: string): Surroundings {
    const { store, policy, clientRate, keyRate, now } = this.#options;
    const rates = this.#rates;
    return {
      policy,
      now,
      access: (client) => this.#access.read(npub, client),
      bind: (client, { secret, asked, info }) => store.bind(npub, client, secret, asked, info),
      end: (client) => store.endSessions(npub, client),
      wait: (client) =>
        rates.take(`client ${client}`, perMinute(clientRate)) ||
        rates.take(`key ${pubkey}`, perMinute(keyRate)),
      spend: async ({ token, uses, usesPerMinute }) => {
        if (usesPerMinute !== null) {
          const seconds = rates.take(`token ${token}`, {
            burst: usesPerMinute,
            perSecond: usesPerMinute / 60,
          });
          if (seconds > 0)
            return `the token allows ${usesPerMinute} a minute: try again in ${Math.ceil(seconds)} s`;
        }
        if (uses && !(await store.spend(token, uses.limit))) {
          return "the uses of the token are used up: ask for a new one";
        }
        return null;
      },
    };
  }
}

/** A tenth of a minute's worth at once: a client that opens a page of messages decrypts them all together. */
const perMinute = (rate: number): Rate => ({ burst: Math.max(10, rate / 10), perSecond: rate / 60 });
