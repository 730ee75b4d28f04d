/** Databases with keys and tokens for the workers under test, on an embedded server of their own. */
import { rm } from "node:fs/promises";
import { npubEncode } from "nostr-tools/nip19";
import { pino } from "pino";
import { makeFolder } from "../../test/support/postgres.ts";
import { connectSession } from "../../worker/db/driver.ts";
import { startEmbeddedPostgres } from "../../worker/db/embedded.ts";
import { migrate } from "../../worker/db/migrate.ts";
import type { SqlClient } from "../../worker/db/session.ts";
import { generateMasterKey, seal } from "../../worker/sealing.ts";
import { newPair, PERMS } from "./people.ts";

const HOUR_MS = 3_600_000;
const ROWS_PER_INSERT = 1_000;

export interface Databases {
  /** A new database without rows, and a session with it. */
  open(): Promise<{ url: string; session: SqlClient }>;
  /** A new database with the first so many pairs: keys sealed, and each client bound to a token of its key. */
  create(keys: number): Promise<{ url: string; masterKey: string }>;
  /** A session, closed at the end if not before: the server goes on for as long as it has any. */
  connect(url: string): Promise<SqlClient>;
  end(): Promise<void>;
}

export const startDatabases = async (): Promise<Databases> => {
  const log = pino({ level: "silent" });
  const folder = await makeFolder();
  const remove = () => rm(folder, { recursive: true, force: true });
  const server = await startEmbeddedPostgres(folder, log).catch(async (error) => {
    await remove();
    throw error;
  });
  const masterKey = generateMasterKey();
  const sessions: Promise<SqlClient>[] = [];
  const connect = (url: string) => {
    const session = connectSession(new URL(url), "pg", log);
    sessions.push(session);
    return session;
  };
  let serial = 0;
  const open = async () => {
    const name = `bench_${++serial}`;
    const admin = await connect(server.url);
    await admin.query(`CREATE DATABASE ${name}`);
    await admin.close();
    const url = new URL(`/${name}`, server.url).href;
    const session = await connect(url);
    await migrate(session, new URL("../../prisma/migrations", import.meta.url));
    return { url, session };
  };
  return {
    open,
    connect,
    create: async (keys) => {
      const { url, session } = await open();
      for (let from = 0; from < keys; from += ROWS_PER_INSERT) {
        const pairs = Array.from({ length: Math.min(ROWS_PER_INSERT, keys - from) }, (_, index) => {
          const { signer, client } = newPair(from + index);
          const npub = npubEncode(signer.pubkey);
          return { npub, sealed: seal(signer.secret, npub, masterKey), client: npubEncode(client.pubkey) };
        });
        const npubs = pairs.map(({ npub }) => npub);
        await session.query(
          'INSERT INTO "Keys" (npub, ncryptsec) SELECT * FROM unnest($1::text[], $2::text[])',
          [npubs, pairs.map(({ sealed }) => sealed)],
        );
        await session.query(
          `INSERT INTO "ConnectTokens" (token, npub, timestamp, expiry, "subNpub", "jsonData")
           SELECT md5(random()::text), npub, $3, $4, client, $5
           FROM unnest($1::text[], $2::text[]) AS pair (npub, client)`,
          [
            npubs,
            pairs.map(({ client }) => client),
            Date.now(),
            Date.now() + 24 * HOUR_MS,
            JSON.stringify({ name: "bench", perms: PERMS }),
          ],
        );
      }
      await session.query("ANALYZE");
      await session.close();
      return { url, masterKey };
    },
    end: async () => {
      await Promise.allSettled(sessions.map(async (session) => (await session).close()));
      await server.stop();
      await remove();
    },
  };
};
