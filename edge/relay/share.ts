/** What the connections of one address have together, and share. */
import { TokenBucket } from "../token-bucket.ts";
import type { Connection } from "./connection.ts";
import { LIMITS, type Load } from "./limits.ts";

export class Share {
  readonly connections = new Set<Connection>();
  readonly events = new TokenBucket(LIMITS.rates.events);
  readonly volume = new TokenBucket(LIMITS.rates.volume);
  readonly requests = new TokenBucket(LIMITS.rates.requests);

  /** What its subscriptions cost, given what those of a connection do. */
  load(loadOf: (connection: Connection) => Readonly<Load>): Load {
    const sum = { subscriptions: 0, values: 0, broad: 0 };
    for (const connection of this.connections) {
      const { subscriptions, values, broad } = loadOf(connection);
      sum.subscriptions += subscriptions;
      sum.values += values;
      sum.broad += broad;
    }
    return sum;
  }
}
