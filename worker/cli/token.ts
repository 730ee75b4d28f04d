/** `token`: what lets one client use one key. A token is a secret: shown once, as it is issued, and then known by an id. */
import { randomBytes } from "node:crypto";
import type { Command } from "commander";
import { toString as drawQr } from "qrcode";
import { bunkerUri } from "../nip46.ts";
import { hexOf } from "../npub.ts";
import { Failure } from "./failure.ts";
import { findKey, findToken, tokenId } from "./find.ts";
import { addGrantOptions, type GrantOptions, grantDocument } from "./grant-options.ts";
import type { Operator, Run } from "./operator.ts";
import { parseFuture, showTime, TIMES } from "./time.ts";
import { listTokens } from "./token-list.ts";

const NAMING = `
<id> is what \`token list\` shows, or its beginning; or - to write the token itself to standard input.`;

export const addTokenCommands = (program: Command, run: Run): void => {
  const token = program.command("token").description("what lets a client use a key");
  addGrantOptions(
    token
      .command("issue")
      .description("make a token, and print its bunker URI: once, as nobody can see it again")
      .requiredOption("--npub <npub>", "the key, by its npub or the beginning of it"),
  )
    .option("--no-qr", "print no QR code")
    .addHelpText(
      "after",
      `
The URI names the relays of RELAYS: set it as for the worker. The first client to connect has the token for itself.
  satoshigle-bunker token issue --npub npub1abc --expires 30d --name phone --perms sign_event:1,nip44_encrypt
JSON: {id, npub, uri, expires}`,
    )
    .action((options: IssueOptions) => run((operator) => issue(operator, options)));
  token
    .command("list")
    .description("live tokens; their secrets are not shown")
    .option("--npub <npub>", "of this key only")
    .option("--all", "also those that are over")
    .addHelpText(
      "after",
      `
JSON: [{id, npub, state, name, perms, uses, usesPerMinute, notBefore, issued, expires, revoked, client, clientInfo,
        connected, asked, spent}]
  state: unused, waiting (for the worker to greet the client), connected, logged out, not yet valid, used up, expired,
  revoked, or invalid (its jsonData allows nothing); times: milliseconds since 1970, or null`,
    )
    .action((options: { npub?: string; all?: true }) => run((operator) => listTokens(operator, options)));
  token
    .command("extend <id>")
    .description("let a token last longer; one that has expired lives again")
    .requiredOption("--expires <time>", `until when: ${TIMES}`, parseFuture)
    .addHelpText("after", `${NAMING}\nJSON: {id, npub, expires}`)
    .action((text: string, options: { expires: number }) =>
      run((operator) => extend(operator, text, options)),
    );
  token
    .command("revoke <id>")
    .description("take a token back, for good: its client is refused from the next request on")
    .addHelpText("after", `${NAMING}\nJSON: {id, npub, revoked}`)
    .action((text: string) => run((operator) => revoke(operator, text)));
};

type IssueOptions = GrantOptions & { npub: string; qr: boolean };

const issue = async ({ prisma, config, out }: Operator, options: IssueOptions): Promise<void> => {
  const jsonData = grantDocument(options);
  const { expires, qr } = options;
  const npub = await findKey(prisma, options.npub);
  const token = newToken();
  await prisma.connectTokens.create({
    data: { token, npub, timestamp: Date.now(), expiry: expires, jsonData },
  });
  const uri = bunkerUri(hexOf(npub) ?? "", config.relays, token);
  const drawn = qr && !out.json ? await draw(uri) : "";
  out.print({ id: tokenId(token), npub, uri, expires }, () =>
    [
      uri,
      drawn,
      `Token ${tokenId(token)} of ${npub}, until ${showTime(expires)}.`,
      "Whoever has this URI first can use the key: hand it over as you would a password.",
    ]
      .filter(Boolean)
      .join("\n"),
  );
};

/** 128 random bits. */
export const newToken = (): string => randomBytes(16).toString("hex");

const draw = (text: string): Promise<string> =>
  process.stdout.isTTY
    ? drawQr(text, { type: "terminal", small: true, errorCorrectionLevel: "L" })
    : drawQr(text, { type: "utf8", errorCorrectionLevel: "L" });

const extend = async (
  { prisma, out }: Operator,
  text: string,
  { expires }: { expires: number },
): Promise<void> => {
  const token = await findToken(prisma, text);
  const row = await prisma.connectTokens.findUnique({ where: { token } });
  const { count } = await prisma.connectTokens.updateMany({
    where: { token, revoked: null, expiry: { lte: expires } },
    data: { expiry: expires },
  });
  if (count === 0) {
    throw new Failure(
      row?.revoked
        ? "The token was revoked, for good: issue another with `token issue`."
        : `The token lasts until ${showTime(row?.expiry ?? null)} already. To end it: \`token revoke\`.`,
    );
  }
  const npub = row?.npub ?? null;
  out.print(
    { id: tokenId(token), npub, expires },
    () => `Token ${tokenId(token)} lasts until ${showTime(expires)}.`,
  );
};

const revoke = async ({ prisma, out }: Operator, text: string): Promise<void> => {
  const token = await findToken(prisma, text);
  const now = Date.now();
  await prisma.connectTokens.updateMany({ where: { token, revoked: null }, data: { revoked: now } });
  const row = await prisma.connectTokens.findUnique({ where: { token } });
  if (!row) throw new Failure("The token is gone: it was deleted meanwhile.");
  out.print(
    { id: tokenId(token), npub: row.npub, revoked: row.revoked },
    () => `Token ${tokenId(token)} is revoked.`,
  );
};
