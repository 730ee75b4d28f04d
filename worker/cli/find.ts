/** Finds what an operator names by its beginning: keys and clients by npub, tokens by their id. */
import { createHash } from "node:crypto";
import type { Database } from "../db/open.ts";
import { hexOf } from "../npub.ts";
import { Failure, misused } from "./failure.ts";
import { readSecretLine } from "./input.ts";

type Prisma = Database["prisma"];

/** The characters of bech32 (BIP-173). */
const NPUB = /^npub1[02-9ac-hj-np-z]{0,58}$/;
const WHOLE_NPUB_LENGTH = 63;
const TOKEN_ID = /^[0-9a-f]{4,12}$/;
/** Of several candidates so many are named. */
const NAMED = 5;

/** The npub of the key that `text` is or begins. @throws {Failure} when there is no such key, or more than one */
export const findKey = async (prisma: Prisma, text: string): Promise<string> => {
  const prefix = parsePrefix(text);
  const rows = await prisma.keys.findMany({
    where: { npub: { startsWith: prefix } },
    select: { npub: true },
    orderBy: { npub: "asc" },
    take: NAMED + 1,
  });
  const npubs = rows.map(({ npub }) => npub);
  return one(npubs, "key", "`key list` shows all.");
};

/** The same for clients: those that hold a token, or are stopped. Any whole npub will do. */
export const findClient = async (prisma: Prisma, text: string): Promise<string> => {
  const prefix = parsePrefix(text);
  if (prefix.length === WHOLE_NPUB_LENGTH) return prefix;
  const npubs = await prisma.$queryRaw<{ npub: string }[]>`
    SELECT "subNpub" AS npub FROM "ConnectTokens" WHERE starts_with("subNpub", ${prefix})
    UNION SELECT subject FROM "Stops"
      WHERE starts_with(subject, ${prefix}) AND NOT EXISTS (SELECT FROM "Keys" WHERE npub = subject)
    ORDER BY 1 LIMIT ${NAMED + 1}`;
  return one(
    npubs.map(({ npub }) => npub),
    "client",
    "`client list` shows all; one that has never connected needs its whole npub.",
  );
};

/** What a token is called where it must not be shown: the beginning of its SHA-256 in hex. */
export const tokenId = (token: string): string =>
  createHash("sha256").update(token).digest("hex").slice(0, 12);

/** The token with this id or the only one whose id begins so; with `-` the one on standard input. */
export const findToken = async (prisma: Prisma, text: string): Promise<string> => {
  if (text === "-") {
    const token = await readSecretLine("The token");
    const row = await prisma.connectTokens.findUnique({ where: { token }, select: { token: true } });
    if (row) return row.token;
    throw new Failure("There is no such token.");
  }
  if (!TOKEN_ID.test(text)) {
    throw misused(
      "This is not the id of a token: `token list` shows ids, of up to 12 hex digits.\n" +
        "To name a token by itself, give - and write it to standard input: it is a secret.",
    );
  }
  const tokens = await prisma.$queryRaw<{ token: string }[]>`
    SELECT token FROM "ConnectTokens"
    WHERE starts_with(encode(sha256(convert_to(token, 'UTF8')), 'hex'), ${text})
    LIMIT ${NAMED + 1}`;
  const id = one(
    tokens.map(({ token }) => tokenId(token)),
    "token",
    "`token list --all` shows all.",
  );
  return tokens.find(({ token }) => tokenId(token) === id)?.token ?? "";
};

const parsePrefix = (text: string): string => {
  const prefix = text.trim().toLowerCase();
  if (!NPUB.test(prefix)) throw misused("This is not an npub, nor the beginning of one (npub1…).");
  if (prefix.length === WHOLE_NPUB_LENGTH && hexOf(prefix) === null) {
    throw misused("This npub has a typing error: its checksum is wrong.");
  }
  return prefix;
};

const one = (found: string[], what: string, wayOut: string): string => {
  const [first, ...others] = found;
  if (first === undefined) throw new Failure(`There is no such ${what}. ${wayOut}`);
  if (others.length === 0) return first;
  const named = found.slice(0, NAMED).map((name) => `  ${name}`);
  throw misused(
    [
      `More than one ${what} begins so. Give more of it:`,
      ...named,
      ...(found.length > NAMED ? ["  …"] : []),
    ].join("\n"),
  );
};
