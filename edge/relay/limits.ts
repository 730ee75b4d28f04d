/**
 * How much one client, one address (IPv6: one /64 network) and all of them together may ask of the relay. Told to
 * clients by NIP-11. What an address may have is a small part of what there is: nobody fills the relay alone.
 */
export const LIMITS = {
  /** UTF-16 units of one frame: a REQ with 1,000 `#p` values is 67 KB, a NIP-46 message up to 64 KiB. */
  messageLength: 131_072,
  connections: 5_000,
  /** Addresses whose rates are remembered, also while they are not connected. */
  addresses: 20_000,
  subscriptionIdLength: 64,
  subscriptionsPerConnection: 20,
  filtersPerRequest: 10,
  /**
   * Entries of all lists in all filters: of one REQ (so many ids fit into a frame), of one connection (a signer of
   * 10,000 keys, who may exchange all its subscriptions for others), of one address (that signer and its clients), of
   * the relay. Each takes about 400 bytes of the 128 MB that an object has.
   */
  values: { perRequest: 1_900, perConnection: 20_000, perAddress: 24_000, total: 120_000 },
  /** Filters that name no `#p`: every event is compared with every one of them. */
  broadFilters: { perConnection: 4, perAddress: 12, total: 500 },
  /** Characters of one tag value in a filter. */
  tagValueLength: 1_024,
  /** Seconds that `created_at` may lie off the relay's clock, either way. */
  clockSkew: 600,
  /** Ids remembered, to deliver an event once only. */
  seenIds: 20_000,
  rates: {
    /**
     * Of one address: a signer answers for all its keys over one connection. This object checks some 700 signatures
     * a second; no address takes more than a part of them, or holds the others up for longer than half a second.
     */
    events: { burst: 400, perSecond: 200 },
    /** Characters of events, of one address: what a reader who does not read makes the relay hold. */
    volume: { burst: 4_194_304, perSecond: 262_144 },
    /** Of one address. A REQ costs one, and one more for each so many values, rows read, characters replayed. */
    requests: { burst: 200, perSecond: 20, values: 500, rows: 1_000, characters: 16_384 },
    /** Of one connection: how many refusals are answered before it ends. */
    refusals: { burst: 200, perSecond: 20 },
  },
  /** Frames in a row that are no message, or events that their author did not sign. */
  nonsenseInARow: 20,
  kept: {
    /** Seconds. */
    time: 60,
    perPerson: { events: 256, bytes: 1_048_576 },
    total: { events: 8_192, bytes: 16_777_216 },
  },
  /** Kept events that one REQ gets at most, and rows after which it looks no further. */
  replay: { events: 500, bytes: 2_097_152, rows: 10_000 },
} as const;

/** What subscriptions cost: their number, the entries of their lists, and their filters without `#p`. */
export type Load = { subscriptions: number; values: number; broad: number };

/** Which limit the subscriptions of one connection, of its address, or of all, exceed; undefined if none. */
export function excess(
  own: Readonly<Load>,
  address: Readonly<Load>,
  total: Readonly<Load>,
): string | undefined {
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
  if (address.values > values.perAddress) {
    return `too many values (at most ${values.perAddress} in the filters of an address)`;
  }
  if (address.broad > broadFilters.perAddress) {
    return `too many filters without #p (at most ${broadFilters.perAddress} of an address)`;
  }
  if (total.values > values.total || total.broad > broadFilters.total) return "the relay is full";
  return undefined;
}
