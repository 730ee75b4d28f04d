/** How much one client, and all of them together, may ask of the relay. Told to clients by NIP-11. */
export const LIMITS = {
  /** UTF-16 units of one frame: a REQ with 1,000 `#p` values is 67 KB, a NIP-46 message up to 64 KiB. */
  messageLength: 131_072,
  connections: 5_000,
  subscriptionIdLength: 64,
  subscriptionsPerConnection: 20,
  filtersPerRequest: 10,
  /**
   * Entries of all lists in all filters: of one REQ, of one connection, of the relay. Each takes about 400 bytes of
   * the 128 MB that an object has; a signer of 100,000 keys fits.
   */
  values: { perRequest: 2_000, perConnection: 20_000, total: 120_000 },
  /** Filters that name no `#p`: every event is compared with every one of them. */
  broadFilters: { perConnection: 4, total: 500 },
  /** Characters of one tag value in a filter. */
  tagValueLength: 1_024,
  /** Seconds that `created_at` may lie off the relay's clock, either way. */
  clockSkew: 600,
  /** Ids remembered, to deliver an event once only. */
  seenIds: 20_000,
  /** Per connection. The third is how many refusals for going too fast are answered before the connection ends. */
  rates: {
    events: { burst: 1_500, perSecond: 300 },
    requests: { burst: 100, perSecond: 20 },
    refusals: { burst: 1_000, perSecond: 50 },
  },
  /** Frames in a row that are no message, or events that their author did not sign. */
  nonsenseInARow: 20,
  kept: {
    /** Seconds. */
    time: 60,
    perPerson: { events: 256, bytes: 1_048_576 },
    total: { events: 8_192, bytes: 16_777_216 },
  },
  /** Kept events that one REQ gets at most. */
  replay: { events: 500, bytes: 2_097_152 },
} as const;

/** What subscriptions cost: their number, the entries of their lists, and their filters without `#p`. */
export type Load = { subscriptions: number; values: number; broad: number };

/** Which limit the subscriptions of one connection, or of all, exceed; undefined if none. */
export function excess(own: Readonly<Load>, total: Readonly<Load>): string | undefined {
  const { subscriptionsPerConnection, values, broadFilters } = LIMITS;
  if (own.subscriptions > subscriptionsPerConnection) {
    return `too many subscriptions (at most ${subscriptionsPerConnection} on a connection)`;
  }
  if (own.values > values.perConnection) {
    return `too many values (at most ${values.perConnection} in the filters of a connection)`;
  }
  if (own.broad > broadFilters.perConnection) {
    return `too many filters without #p (at most ${broadFilters.perConnection} on a connection)`;
  }
  if (total.values > values.total || total.broad > broadFilters.total) return "the relay is full";
  return undefined;
}
