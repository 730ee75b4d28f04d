/** Starts the embedded PostgreSQL in the folder given, writes its URL, and stops it when stdin ends. */
import { once } from "node:events";
import { pino } from "pino";
import { startEmbeddedPostgres } from "../../../worker/db/embedded.ts";

const [folder = ""] = process.argv.slice(2);
const server = await startEmbeddedPostgres(folder, pino({ level: "silent" }));
process.stdout.write(`${server.url}\n`);
process.stdin.resume();
await once(process.stdin, "end");
await server.stop();
