/** `key`: the keys that the worker may serve. Secrets come in on standard input, and none ever goes out. */
import type { Command } from "commander";
import { generateSealedKey, importSecret } from "../keys.ts";
import { Failure } from "./failure.ts";
import { findKey } from "./find.ts";
import { readSecretLine } from "./input.ts";
import { sealingKey } from "./master-key.ts";
import type { Operator, Run } from "./operator.ts";
import { table } from "./output.ts";
import { reseal } from "./reseal.ts";
import { start, stop } from "./stops.ts";
import { showTime } from "./time.ts";

export const addKeyCommands = (program: Command, run: Run): void => {
  const key = program.command("key").description("the keys that the worker may serve");
  key
    .command("add")
    .description("make a new key, or take one over, and store it sealed under MASTER_KEY")
    .option("--import", "read the secret from standard input: nsec1…, ncryptsec1… or 64 hex digits")
    .addHelpText(
      "after",
      `
An ncryptsec1… (NIP-49) is opened with NCRYPTSEC_PASSPHRASE. A key is served once it has a token.
  satoshigle-bunker key add
  satoshigle-bunker key add --import < secret.txt
JSON: {npub}`,
    )
    .action((options: { import?: true }) => run((operator) => add(operator, options.import === true)));
  key
    .command("list")
    .description("all keys: how their secrets are kept, and how many live tokens they have")
    .addHelpText(
      "after",
      `
JSON: [{npub, atRest, tokens, expires, stopped}]
  atRest: the forms of its secret, the first is used: sealed:v1:<id of the master key>, ncryptsec, nsec, hex, unknown
  expires: when its last live token does; stopped: since when; milliseconds since 1970, or null`,
    )
    .action(() => run(list));
  key
    .command("seal")
    .description("seal, in place, the secrets that lie in the database as nsec or hex")
    .addHelpText("after", RESEALED)
    .action(() => run((operator) => reseal(operator, ["nsec", "hex"])));
  key
    .command("rotate")
    .description("seal anew, under the first of MASTER_KEY, what is sealed under another of it")
    .addHelpText(
      "after",
      `
1. Put the new master key first in the MASTER_KEY of the worker and here, separated by a comma; restart the worker.
2. Run this. It may be interrupted, and run again.
3. Take the old master key out of MASTER_KEY, and restart the worker.
${RESEALED}`,
    )
    .action(() => run((operator) => reseal(operator, ["sealed"])));
  key
    .command("disable <npub>")
    .description("refuse everything that is asked of a key, at once, until `key enable`")
    .addHelpText("after", "\nJSON: {subject, stopped}")
    .action((text: string) =>
      run(async (operator) => {
        const npub = await findKey(operator.prisma, text);
        await stop(operator, npub, npub);
      }),
    );
  key
    .command("enable <npub>")
    .description("take back `key disable`")
    .addHelpText("after", "\nJSON: {subject, stopped}")
    .action((text: string) =>
      run(async (operator) => {
        const npub = await findKey(operator.prisma, text);
        await start(operator, npub, npub);
      }),
    );
};

const RESEALED = `
A row that cannot be opened is left as it is, and named with the reason; the exit code is then 1.
JSON: {sealed, unchanged, failed: [{npub, reason}]}; sealed, unchanged: how many secrets`;

const add = async ({ prisma, config, out }: Operator, existing: boolean): Promise<void> => {
  const first = sealingKey(config);
  const { npub, sealed } = existing
    ? await importSecret(
        await readSecretLine("The secret (nsec1…, ncryptsec1… or 64 hex digits)"),
        config.masterKeys,
        config.passphrase,
      )
    : generateSealedKey(first);
  const { count } = await prisma.keys.createMany({
    data: [{ npub, ncryptsec: sealed }],
    skipDuplicates: true,
  });
  if (count === 0) throw new Failure(`The key ${npub} is there already, and was left as it is.`);
  out.print({ npub }, () => `${npub}\nTo let a client use it: token issue --npub ${npub.slice(0, 12)}`);
};

export interface KeyRow {
  npub: string;
  atRest: string[];
  tokens: number;
  expires: bigint | null;
  stopped: bigint | null;
}

/** All keys. Of a secret no more leaves the database than its form. */
export const readKeys = (prisma: Operator["prisma"], now: number): Promise<KeyRow[]> => prisma.$queryRaw<
  KeyRow[]
>`
  SELECT k.npub, coalesce(forms."atRest", '{}') AS "atRest", live.tokens, live.expires, s.since AS stopped
  FROM "Keys" k
  LEFT JOIN "Stops" s ON s.subject = k.npub
  CROSS JOIN LATERAL (
    SELECT array_agg(coalesce(
      substring(secret FROM '^(sealed:v1:[0-9a-f]{8}|ncryptsec|nsec)'),
      CASE WHEN secret ~ '^[0-9a-fA-F]{64}$' THEN 'hex' ELSE 'unknown' END
    ) ORDER BY place) AS "atRest"
    FROM (VALUES (1, trim(k.ncryptsec)), (2, trim(k."localKey"))) AS places (place, secret)
    WHERE secret <> ''
  ) forms
  CROSS JOIN LATERAL (
    SELECT count(*)::int AS tokens, max(t.expiry) AS expires FROM "ConnectTokens" t
    WHERE t.npub = k.npub AND t.expiry > ${BigInt(now)} AND t.revoked IS NULL
  ) live
  ORDER BY k.npub`;

const list = async ({ prisma, out }: Operator): Promise<void> => {
  const rows = await readKeys(prisma, Date.now());
  out.print(rows, () =>
    table(
      ["KEY", "AT REST", "LIVE TOKENS", "UNTIL", "STOPPED"],
      rows.map((row) => [
        row.npub,
        row.atRest.join(" + ") || "no secret",
        row.tokens,
        showTime(row.expires),
        showTime(row.stopped),
      ]),
    ),
  );
};
