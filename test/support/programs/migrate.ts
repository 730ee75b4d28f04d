/** Migrates the database given when a line comes in on stdin; writes the names of what it applied, as JSON. */
import { once } from "node:events";
import { pino } from "pino";
import { migrate } from "../../../worker/db/migrate.ts";
import { openDatabase } from "../../../worker/db/open.ts";

const [url = "", driver, folder = ""] = process.argv.slice(2);
const options = { url, driver: driver === "neon" ? "neon" : "pg" } as const;
const database = await openDatabase(options, pino({ level: "silent" }));
const session = await database.connect();
process.stdout.write("ready\n");
await once(process.stdin, "data");
const applied = await migrate(session, folder);
process.stdout.write(`${JSON.stringify(applied)}\n`);
await session.close();
await database.close();
