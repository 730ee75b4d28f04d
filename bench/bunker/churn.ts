/** Whether keys that stay notice that many others gain and lose tokens all the time. */
import { setTimeout as sleep } from "node:timers/promises";
import { npubEncode } from "nostr-tools/nip19";
import { pino } from "pino";
import { connectSession } from "../../worker/db/driver.ts";
import type { SqlClient } from "../../worker/db/session.ts";
import { type Bench, countFailed } from "./bench.ts";
import { newPair } from "./people.ts";
import { startWorkerServer } from "./worker-server.ts";

const HOUR_MS = 3_600_000;
/** Changes come in so many portions a second. */
const PORTIONS = 20;

export interface ChurnEffort {
  /** Keys in all, and of these the first, which stay, and are asked. */
  keys: number;
  staying: number;
  /** How many of the others gain a token, and how many lose theirs, a second. */
  changes: number;
  /** Requests a second. */
  rate: number;
  seconds: number;
}

export interface Churn extends ChurnEffort {
  gained: number;
  lost: number;
  /** Requests to the keys that stay. */
  sent: number;
  missed: number;
  /** Without the one right answer that was due: these and others. */
  failed: number;
  p50: number;
  p99: number;
  /** What the relay was sent: REQs and KB a second, and the most subscriptions at a time. */
  requests: number;
  kilobytes: number;
  subscriptions: number;
  /** Milliseconds. */
  longestStall: number;
}

export const measureChurn = async (bench: Bench, effort: ChurnEffort): Promise<Churn> => {
  const { databases, relay, load, relayUrl, keep } = bench;
  const { keys, staying, changes, rate, seconds } = effort;
  const database = await databases.create(keys);
  await relay.call("reset");
  const server = await keep(startWorkerServer({ database, relay: relayUrl }));
  await relay.call("heard", keys);
  await load.call("open", { relay: relayUrl, of: Array.from({ length: staying }, (_, index) => index) });
  const count = rate * seconds;
  await load.call("prepare", Math.min(count, 5 * rate));
  // What the start has held up is not what is measured.
  await server.metrics();
  const before = await relay.call("traffic");

  const session = await connectSession(new URL(database.url), "pg", pino({ level: "silent" }));
  const asking = load.call("run", { count, rate });
  const others = Array.from({ length: keys - staying }, (_, index) => npubOf(staying + index));
  const changed = await change(session, others, changes, seconds);
  const answers = await asking;
  await session.close();
  const after = await relay.call("traffic");
  const stall = (await server.metrics()).get("nodejs_eventloop_lag_max_seconds") ?? Number.NaN;
  const failed = await countFailed(bench, answers);
  await server.end();
  return {
    ...effort,
    ...changed,
    sent: answers.sent,
    missed: answers.sent - answers.answered,
    failed,
    p50: answers.p50,
    p99: answers.p99,
    requests: (after.requests - before.requests) / seconds,
    kilobytes: (after.bytes - before.bytes) / seconds / 1_000,
    subscriptions: after.subscriptions,
    longestStall: stall * 1_000,
  };
};

/** Takes the tokens of so many keys a second, in turn, and gives them new ones a second later. */
const change = async (
  session: SqlClient,
  npubs: string[],
  perSecond: number,
  seconds: number,
): Promise<{ gained: number; lost: number }> => {
  const size = Math.max(1, Math.round(perSecond / PORTIONS));
  const begun = performance.now();
  let [gained, lost] = [0, 0];
  const portion = (index: number) =>
    index < 0 ? [] : Array.from({ length: size }, (_, n) => npubs[(index * size + n) % npubs.length] ?? "");
  for (let index = 0; index < seconds * PORTIONS; index++) {
    const taken = portion(index);
    const given = portion(index - PORTIONS);
    await session.query('DELETE FROM "ConnectTokens" WHERE npub = ANY($1)', [taken]);
    await session.query(
      `INSERT INTO "ConnectTokens" (token, npub, timestamp, expiry)
       SELECT md5(random()::text), npub, $2, $3 FROM unnest($1::text[]) AS npub`,
      [given, Date.now(), Date.now() + HOUR_MS],
    );
    lost += taken.length;
    gained += given.length;
    await sleep(Math.max(0, begun + ((index + 1) * 1_000) / PORTIONS - performance.now()));
  }
  return { gained, lost };
};

const npubOf = (index: number): string => npubEncode(newPair(index).signer.pubkey);
