/** The key space in 32 parts, each leased to one worker: the first character of an npub's data is its first 5 bits. */
import type { Shards } from "../key-states.ts";

export const SHARDS = 32;

/** Bech32's alphabet (BIP-173), in the order of what the characters stand for. */
export const BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const PREFIX = "npub1";

/** The shard of a public key (hex). */
export const shardOf = (pubkey: string): number => Number.parseInt(pubkey.slice(0, 2), 16) >> 3;

/** The shard of an npub; what is none belongs to the first, where it is reported. */
export const shardOfNpub = (npub: string): number => Math.max(0, BECH32.indexOf(npub.charAt(PREFIX.length)));

/** How the npubs of a shard begin. */
export const prefixOf = (shard: number): string => PREFIX + BECH32.charAt(shard);

/** The same for several; undefined for all of them, which is every key there is. */
export const prefixesOf = (shards: readonly number[]): Shards | undefined =>
  shards.length === SHARDS ? undefined : shards.map(prefixOf);
