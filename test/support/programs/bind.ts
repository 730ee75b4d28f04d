/**
 * Many clients that race for one token: when a line comes in on stdin, binds each of them at once, and writes
 * as JSON what became of them, as a count by outcome, and who was bound.
 */
import { once } from "node:events";
import { generateSecretKey, getPublicKey } from "nostr-tools/pure";
import { pino } from "pino";
import { openDatabase } from "../../../worker/db/open.ts";
import { Store } from "../../../worker/store.ts";

const [url = "", driver, npub = "", token = "", clients = ""] = process.argv.slice(2);
const database = await openDatabase(
  { url, driver: driver === "neon" ? "neon" : "pg" },
  pino({ level: "silent" }),
);
const store = new Store(database, () => Date.now());
const racing = Array.from({ length: Number(clients) }, () => getPublicKey(generateSecretKey()));
// The connections and the compiled queries are there before the start.
await store.access([npub], racing.slice(0, 1));
process.stdout.write("ready\n");
await once(process.stdin, "data");

const outcomes = await Promise.all(
  racing.map(async (client) => {
    const refusal = await store.bind(npub, client, { token, asked: null, info: null, event: client });
    return { client, outcome: refusal ?? "bound" };
  }),
);
const counts: Record<string, number> = {};
for (const { outcome } of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
const bound = outcomes.filter(({ outcome }) => outcome === "bound").map(({ client }) => client);
process.stdout.write(`${JSON.stringify({ counts, bound })}\n`);
await database.close();
