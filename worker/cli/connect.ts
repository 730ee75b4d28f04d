/** `connect`: lets in a client that shows a nostrconnect:// URI. The worker greets it, over the relays of the URI. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { type Perms, parsePerms } from "../grant.ts";
import { type ConnectionOffer, OfferError, parseOffer } from "../nostrconnect.ts";
import { npubOf } from "../npub.ts";
import { Failure, misused } from "./failure.ts";
import { findKey, tokenId } from "./find.ts";
import { addGrantOptions, type GrantOptions, grantDocument } from "./grant-options.ts";
import { readSecretLine } from "./input.ts";
import type { Operator, Run } from "./operator.ts";
import { plain } from "./output.ts";
import { showTime } from "./time.ts";
import { newToken } from "./token.ts";

/** How long the worker is given to greet the client. */
const GREETING_MS = 10_000;
const POLL_MS = 200;

export const addConnectCommand = (program: Command, run: Run): void => {
  addGrantOptions(
    program
      .command("connect <npub> [uri]")
      .description("let in a client that shows a nostrconnect:// URI, and have the worker greet it"),
  )
    .addHelpText(
      "after",
      `
Without the URI, or with -, it is read from standard input: as an argument others on this machine can see it, and
the secret in it, until the client has been greeted. The client gets what it asks for and the options allow, no more.
  satoshigle-bunker connect npub1abc --perms sign_event:1 < uri.txt
Waits up to 10 s for the worker; after that the exit code is 1, and the worker greets the client when it can.
JSON: {id, npub, client, clientInfo, relays, asked, perms, gets, expires, greeted}; gets: a list, null is everything`,
    )
    .action((npub: string, uri: string | undefined, options: GrantOptions) =>
      run((operator) => connect(operator, npub, uri, options)),
    );
};

const connect = async (
  { prisma, out }: Operator,
  keyText: string,
  argument: string | undefined,
  options: GrantOptions,
): Promise<void> => {
  const jsonData = grantDocument(options);
  const npub = await findKey(prisma, keyText);
  const uri =
    argument === undefined || argument === "-" ? await readSecretLine("The nostrconnect:// URI") : argument;
  const { relays, secret, perms: asked, info, ...offer } = readOffer(uri);
  const client = npubOf(offer.client);
  const gets = overlap(parsePerms(jsonData.perms), parsePerms(asked));
  const token = newToken();
  const now = Date.now();
  await prisma.connectTokens.create({
    data: {
      token,
      npub,
      timestamp: now,
      expiry: options.expires,
      jsonData,
      subNpub: client,
      clientInfo: { ...info },
      asked,
      relays,
      greeting: secret,
    },
  });
  out.progress("Waiting for the worker to greet the client…");
  const greeted = await isGreeted(prisma, token);
  const id = tokenId(token);
  const perms = jsonData.perms ?? null;
  const { expires } = options;
  out.print({ id, npub, client, clientInfo: info, relays, asked, perms, gets, expires, greeted }, () =>
    [
      `Client   ${client}`,
      `Says     ${plain(Object.values(info).join(", ")) || "nothing of itself"} (which proves nothing)`,
      `Asks     ${asked ?? "everything"}`,
      `Gets     ${gets === null ? "everything" : gets.join(",") || "nothing: it asks for what --perms does not allow"}`,
      `Until    ${showTime(expires)}, by token ${id}`,
      ...(greeted ? ["The worker has greeted the client: it is connected."] : []),
    ].join("\n"),
  );
  if (!greeted) {
    throw new Failure(
      "No worker has greeted the client yet. It will as soon as one runs on this database and reaches a relay of the URI.\n" +
        `To take it back: token revoke ${id}`,
    );
  }
};

const readOffer = (uri: string): ConnectionOffer => {
  try {
    return parseOffer(uri);
  } catch (error) {
    throw error instanceof OfferError ? misused(`The URI cannot be used: ${error.message}.`) : error;
  }
};

/** The worker takes the greeting out of the row once it has been said. */
const isGreeted = async (prisma: Operator["prisma"], token: string): Promise<boolean> => {
  for (const deadline = Date.now() + GREETING_MS; ; await sleep(POLL_MS)) {
    const row = await prisma.connectTokens.findUnique({ where: { token }, select: { greeting: true } });
    if (row?.greeting === null) return true;
    if (!row || Date.now() > deadline) return false;
  }
};

/** What both allow; null is everything. */
const overlap = (one: Perms | null, other: Perms | null): string[] | null => {
  if (one === null || other === null) {
    const narrower = one ?? other;
    return narrower && [...narrower];
  }
  const covers = (perms: Perms, perm: string) => perms.has(perm) || perms.has(perm.split(":")[0] ?? "");
  return [
    ...new Set(
      [...one].filter((perm) => covers(other, perm)).concat([...other].filter((perm) => covers(one, perm))),
    ),
  ];
};
