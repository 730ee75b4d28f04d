/** `client`: who is connected to which key. */
import type { Command } from "commander";
import { Failure } from "./failure.ts";
import { findClient, findKey } from "./find.ts";
import type { Operator, Run } from "./operator.ts";
import { plain, short, table } from "./output.ts";
import { start, stop } from "./stops.ts";
import { showTime } from "./time.ts";

export const addClientCommands = (program: Command, run: Run): void => {
  const client = program.command("client").description("the clients that hold a token of a key");
  client
    .command("list")
    .description("one line for each client and key")
    .option("--npub <npub>", "of this key only")
    .addHelpText(
      "after",
      `
What a client says of itself (name, url, image) is shown, and proves nothing.
JSON: [{client, npub, clientInfo, tokens, connected, expires, stopped}]
  tokens: how many of its tokens are live; connected, expires: milliseconds since 1970, or null`,
    )
    .action((options: { npub?: string }) => run((operator) => list(operator, options)));
  client
    .command("revoke <client>")
    .description("take back, for good, the tokens that a client holds; another client's stay")
    .option("--npub <npub>", "those of this key only")
    .addHelpText("after", "\nJSON: {client, revoked}; revoked: how many tokens")
    .action((text: string, options: { npub?: string }) => run((operator) => revoke(operator, text, options)));
  client
    .command("stop <client>")
    .description("refuse everything to a client at once, until `client start`; its tokens stay")
    .addHelpText("after", "\nJSON: {subject, stopped}")
    .action((text: string) =>
      run(async (operator) => {
        const npub = await findClient(operator.prisma, text);
        await stop(operator, npub, `the client ${npub}`);
      }),
    );
  client
    .command("start <client>")
    .description("take back `client stop`")
    .addHelpText("after", "\nJSON: {subject, stopped}")
    .action((text: string) =>
      run(async (operator) => {
        const npub = await findClient(operator.prisma, text);
        await start(operator, npub, `the client ${npub}`);
      }),
    );
};

interface ClientRow {
  client: string;
  npub: string;
  clientInfo: unknown;
  tokens: number;
  connected: bigint | null;
  expires: bigint | null;
  stopped: bigint | null;
}

const list = async ({ prisma, out }: Operator, options: { npub?: string }): Promise<void> => {
  const npub = options.npub === undefined ? null : await findKey(prisma, options.npub);
  const now = BigInt(Date.now());
  const rows = await prisma.$queryRaw<ClientRow[]>`
    SELECT t."subNpub" AS client, t.npub,
      (array_agg(t."clientInfo" ORDER BY t.connected DESC NULLS LAST)
        FILTER (WHERE t."clientInfo" IS NOT NULL))[1] AS "clientInfo",
      (count(*) FILTER (WHERE t.expiry > ${now} AND t.revoked IS NULL))::int AS tokens,
      max(t.connected) AS connected,
      max(t.expiry) FILTER (WHERE t.expiry > ${now} AND t.revoked IS NULL) AS expires,
      max(s.since) AS stopped
    FROM "ConnectTokens" t LEFT JOIN "Stops" s ON s.subject = t."subNpub"
    WHERE t."subNpub" IS NOT NULL AND (${npub}::text IS NULL OR t.npub = ${npub})
    GROUP BY 1, 2 ORDER BY 1, 2`;
  out.print(rows, () =>
    table(
      ["CLIENT", "KEY", "SAYS IT IS", "LIVE TOKENS", "CONNECTED", "UNTIL", "STOPPED"],
      rows.map((row) => [
        short(row.client),
        short(row.npub),
        clientName(row.clientInfo),
        row.tokens,
        showTime(row.connected),
        showTime(row.expires),
        showTime(row.stopped),
      ]),
    ),
  );
};

const revoke = async ({ prisma, out }: Operator, text: string, options: { npub?: string }): Promise<void> => {
  const client = await findClient(prisma, text);
  const npub = options.npub === undefined ? {} : { npub: await findKey(prisma, options.npub) };
  const { count } = await prisma.connectTokens.updateMany({
    where: { subNpub: client, revoked: null, ...npub },
    data: { revoked: Date.now() },
  });
  if (count === 0) throw new Failure("This client holds no token that could be revoked.");
  out.print(
    { client, revoked: count },
    () => `Revoked ${count} ${count === 1 ? "token" : "tokens"} of ${client}.`,
  );
};

/** The name in what a client says of itself. */
export const clientName = (info: unknown): string | null =>
  typeof info === "object" && info !== null && "name" in info ? plain(String(info.name)) : null;
