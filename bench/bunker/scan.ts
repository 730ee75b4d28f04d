/** How long a scan of a large table takes, what it takes, and for how long it holds up the event loop. */
import type { SqlClient } from "../../worker/db/session.ts";
import { BECH32 } from "../../worker/leases/shards.ts";
import { startProgram } from "../program.ts";
import type { Bench } from "./bench.ts";
import type { ScanCalls, Scanned } from "./scanning.ts";

/** SQL fills the tables: keys whose names are no public keys, but as evenly spread, and which nobody opens here. */
const KEYS = `
  INSERT INTO "Keys" (npub, ncryptsec)
  SELECT 'npub1' || substr('${BECH32}', n % ${BECH32.length} + 1, 1)
    || substr(translate(md5(n::text) || md5(n::text || 'x'), 'b1', 'qp'), 1, 57), 'sealed:'
  FROM generate_series(1, $1) AS n`;
/** Three tokens for each; of so many in a hundred keys, one or more are live. */
const TOKENS = `
  INSERT INTO "ConnectTokens" (token, npub, timestamp, expiry, "jsonData")
  SELECT md5(npub || n), npub, 0,
    CASE WHEN number <= $1::int * $2::int / 100 AND (n = 1 OR number % 4 = 0) THEN $3::bigint ELSE $4::bigint END,
    CASE n WHEN 1 THEN '{}'::jsonb ELSE jsonb_build_object('name', 'device ' || number % 50) END
  FROM (SELECT npub, row_number() OVER (ORDER BY md5(npub)) AS number FROM "Keys") AS numbered,
    generate_series(1, 3) AS n`;
const HOUR_MS = 3_600_000;
const FILL_MS = 600_000;

export interface ScanEffort {
  keys: number;
  /** Keys in a hundred that have a live token. */
  live: number;
}

/** The first scan, which finds everything new, and the one after it. */
export const measureScan = async ({ databases, keep }: Bench, effort: ScanEffort): Promise<Scanned[]> => {
  const { url, session } = await databases.open();
  await fill(session, effort);
  await session.close();
  const program = await keep(startProgram<ScanCalls>(new URL("scanning.ts", import.meta.url)));
  await program.call("open", url);
  return [await program.call("scan"), await program.call("scan")];
};

const fill = async (session: SqlClient, { keys, live }: ScanEffort): Promise<void> => {
  // Nobody listens for what the triggers announce.
  await session.query("SET session_replication_role = replica");
  await session.query(KEYS, [keys], FILL_MS);
  await session.query(TOKENS, [keys, live, Date.now() + HOUR_MS, Date.now() - HOUR_MS], FILL_MS);
  await session.query("ANALYZE");
};
