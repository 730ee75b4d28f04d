/** A remote signer for a page: the worker, its database and its command line, all for real. */

import { createStore, type TestKey } from "../../support/bunker.ts";
import { type CliResult, cliWith } from "../../support/cli.ts";
import { relayUrl } from "../../support/relay-client.ts";
import { startedWorker } from "../../support/worker.ts";
import type { Stack } from "./stack.ts";

export type Signer = {
  key: TestKey;
  /** A bunker URI with a token of its own. */
  uri(): Promise<string>;
  /** Takes the token of a bunker URI back. */
  revoke(uri: string): Promise<void>;
  /** What an operator does with the URI that a page shows. */
  connect(uri: string): Promise<CliResult>;
  /** How many clients have said that they are no more. */
  loggedOut(): Promise<number>;
  close(): Promise<void>;
};

export async function startSigner({ edge }: Stack): Promise<Signer> {
  const store = await createStore();
  const key = await store.addKey();
  // A key without a token is not served.
  await store.addToken(key);
  const relay = relayUrl(edge);
  const worker = await startedWorker({ ...store.env, RELAYS: relay });
  const cli = cliWith(store.env);
  return {
    key,
    uri: async () => store.uri(key, [relay], await store.addToken(key)),
    async revoke(uri) {
      const token = new URL(uri).searchParams.get("secret");
      await store.sql('UPDATE "ConnectTokens" SET revoked = $2 WHERE token = $1', [token, Date.now()]);
    },
    connect: (uri) => cli(["connect", key.npub, "--expires", "1h"], uri),
    async loggedOut() {
      const [row] = await store.sql(
        'SELECT count(*)::int AS n FROM "ConnectTokens" WHERE "loggedOut" IS NOT NULL',
      );
      return Number(row?.n);
    },
    async close() {
      await worker.end();
      await store.close();
    },
  };
}
