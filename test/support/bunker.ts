/** What tests of the worker need around it: a database with keys and tokens, and the means to change them by SQL. */
import { randomBytes } from "node:crypto";
import { npubEncode } from "nostr-tools/nip19";
import { generateSecretKey, getPublicKey } from "nostr-tools/pure";
import { openDatabase } from "../../worker/db/open.ts";
import { bunkerUri } from "../../worker/nip46.ts";
import { createDatabase, silent, type TestDatabase } from "./database.ts";

export interface TestKey {
  secret: Uint8Array;
  pubkey: string;
  npub: string;
}

export const newKey = (): TestKey => {
  const secret = generateSecretKey();
  const pubkey = getPublicKey(secret);
  return { secret, pubkey, npub: npubEncode(pubkey) };
};

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

export interface TokenOptions {
  /** Milliseconds from now; negative is in the past. */
  expiresIn?: number;
  jsonData?: unknown;
}

export interface TestStore {
  database: TestDatabase;
  /** The variables that point a worker at this database. */
  env: { DATABASE_URL: string; DATABASE_DRIVER: string };
  sql(text: string, values?: unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** A key in the table, its secret as raw hex unless `atRest` is given. */
  addKey(atRest?: (key: TestKey) => string): Promise<TestKey>;
  addToken(key: TestKey, options?: TokenOptions): Promise<string>;
  uri(key: TestKey, relays: string[], token?: string): string;
  close(): Promise<void>;
}

/** Of a database of its own, unless one is given. */
export const createStore = async (given?: TestDatabase): Promise<TestStore> => {
  const database = given ?? (await createDatabase());
  const opened = await openDatabase(database, silent);
  const session = await opened.connect();
  let last: Promise<unknown> = Promise.resolve();
  // A session takes one statement at a time.
  const query = (text: string, values: unknown[] = []) => {
    const result = last.then(() => session.query(text, values));
    last = result.catch(() => {});
    return result;
  };
  return {
    database,
    env: { DATABASE_URL: database.url, DATABASE_DRIVER: database.driver },
    sql: query,
    addKey: async (atRest = ({ secret }) => hex(secret)) => {
      const key = newKey();
      await query('INSERT INTO "Keys" (npub, ncryptsec) VALUES ($1, $2)', [key.npub, atRest(key)]);
      return key;
    },
    addToken: async ({ npub }, { expiresIn = 3_600_000, jsonData = {} } = {}) => {
      const token = randomBytes(12).toString("hex");
      await query(
        'INSERT INTO "ConnectTokens" (token, npub, timestamp, expiry, "jsonData") VALUES ($1, $2, $3, $4, $5)',
        [token, npub, Date.now(), Date.now() + expiresIn, JSON.stringify(jsonData)],
      );
      return token;
    },
    uri: ({ pubkey }, relays, token) => bunkerUri(pubkey, relays, token),
    close: async () => {
      await session.close();
      await opened.close();
      await database.drop();
    },
  };
};
