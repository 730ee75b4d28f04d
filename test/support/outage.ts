/** Takes a test's database away from everybody, and gives it back. */
import { inject } from "vitest";
import { connectSession } from "../../worker/db/driver.ts";
import { silent, type TestDatabase } from "./database.ts";

/** Cuts every connection to the database and lets none in; resolves with how to end that. */
export const takeAway = async ({ url }: TestDatabase): Promise<{ giveBack(): Promise<void> }> => {
  const name = new URL(url).pathname.slice(1);
  const session = await connectSession(new URL(inject("postgres")), "pg", silent);
  await session.query(`ALTER DATABASE "${name}" WITH ALLOW_CONNECTIONS false`);
  await session.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [name]);
  return {
    giveBack: async () => {
      await session.query(`ALTER DATABASE "${name}" WITH ALLOW_CONNECTIONS true`);
      await session.close();
    },
  };
};
