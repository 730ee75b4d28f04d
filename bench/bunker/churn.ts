/** Whether keys that stay notice that many others gain and lose tokens all the time. */
import { setTimeout as sleep } from "node:timers/promises";
import { npubEncode } from "nostr-tools/nip19";
import type { SqlClient } from "../../worker/db/session.ts";
import { say } from "../session.ts";
import { type Bench, countFailed } from "./bench.ts";
import { newPair } from "./people.ts";
import { startWorkerServer } from "./worker-server.ts";

const HOUR_MS = 3_600_000;
/** Changes come in so many portions a second. */
const PORTIONS = 20;

export interface ChurnEffort {
  /** Keys that have a token at a time; of these the first stay, and are asked. */
  keys: number;
  staying: number;
  /** How many of the others lose their tokens a second, while as many that have been without one gain one. */
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
  const database = await databases.create(keys + changes * seconds);
  const session = await databases.connect(database.url);
  const others = Array.from({ length: keys - staying + changes * seconds }, (_, n) => npubOf(staying + n));
  await lose(session, others.slice(keys - staying));
  await relay.call("reset");
  const server = await keep(startWorkerServer({ database, relay: relayUrl }));
  await relay.call("heard", keys);
  await load.call("open", { relay: relayUrl, of: Array.from({ length: staying }, (_, index) => index) });
  const count = rate * seconds;
  await load.call("prepare", Math.min(count, 5 * rate));
  // What the start has held up is not what is measured.
  await server.metrics();
  const before = await relay.call("traffic");

  say(`${changes} keys a second lose their tokens, and as many gain one, for ${seconds} s`);
  const asking = load.call("run", { count, rate });
  const changed = await change(session, others, keys - staying, effort);
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

/** In the order of the keys, one that has no token gains one for each that loses its own. */
const change = async (
  session: SqlClient,
  npubs: readonly string[],
  live: number,
  { changes, seconds }: ChurnEffort,
): Promise<{ gained: number; lost: number }> => {
  const size = Math.max(1, Math.round(changes / PORTIONS));
  const begun = performance.now();
  let done = 0;
  for (let index = 0; index < seconds * PORTIONS; index++) {
    await lose(session, npubs.slice(done, done + size));
    await gain(session, npubs.slice(live + done, live + done + size));
    done += size;
    await sleep(Math.max(0, begun + ((index + 1) * 1_000) / PORTIONS - performance.now()));
  }
  return { gained: done, lost: done };
};

const lose = (session: SqlClient, npubs: readonly string[]) =>
  session.query('DELETE FROM "ConnectTokens" WHERE npub = ANY($1)', [npubs]);

const gain = (session: SqlClient, npubs: readonly string[]) =>
  session.query(
    `INSERT INTO "ConnectTokens" (token, npub, timestamp, expiry)
     SELECT md5(random()::text), npub, $2, $3 FROM unnest($1::text[]) AS npub`,
    [npubs, Date.now(), Date.now() + HOUR_MS],
  );

const npubOf = (index: number): string => npubEncode(newPair(index).signer.pubkey);
