/** `token list`: what has become of each token. */
import { type GrantDocument, parseGrantDocument } from "../grant.ts";
import { clientName } from "./client.ts";
import { findKey, tokenId } from "./find.ts";
import type { Operator } from "./operator.ts";
import { short, table } from "./output.ts";
import { showTime } from "./time.ts";

export const listTokens = async (
  { prisma, out }: Operator,
  options: { npub?: string; all?: true },
): Promise<void> => {
  const npub = options.npub === undefined ? {} : { npub: await findKey(prisma, options.npub) };
  const now = Date.now();
  const live = options.all ? {} : { revoked: null, expiry: { gt: now } };
  const rows = await prisma.connectTokens.findMany({
    where: { ...npub, ...live },
    orderBy: [{ npub: "asc" }, { timestamp: "asc" }],
  });
  const tokens = rows.map((row) => {
    const document = parseGrantDocument(row.jsonData);
    const { name = null, perms = null, uses = null, usesPerMinute = null, notBefore = null } = document ?? {};
    return {
      id: tokenId(row.token),
      npub: row.npub,
      state: stateOf(row, document, now),
      name,
      perms,
      uses,
      usesPerMinute,
      notBefore,
      issued: row.timestamp,
      expires: row.expiry,
      revoked: row.revoked,
      client: row.subNpub,
      clientInfo: row.clientInfo,
      connected: row.connected,
      asked: row.asked,
      spent: row.spent,
    };
  });
  out.print(tokens, () =>
    table(
      ["TOKEN", "KEY", "NAME", "STATE", "CLIENT", "SAYS IT IS", "PERMS", "USES", "UNTIL"],
      tokens.map((token) => [
        token.id,
        short(token.npub),
        token.name,
        token.state,
        short(token.client),
        clientName(token.clientInfo),
        token.perms ?? "all",
        token.uses && `${token.spent} of ${token.uses}`,
        showTime(token.expires),
      ]),
    ),
  );
};

interface TokenState {
  expiry: bigint;
  revoked: bigint | null;
  subNpub: string | null;
  loggedOut: bigint | null;
  greeting: string | null;
  spent: number;
}

const stateOf = (row: TokenState, document: GrantDocument | null, now: number): string => {
  if (row.revoked !== null) return "revoked";
  if (Number(row.expiry) <= now) return "expired";
  if (!document) return "invalid";
  if ((document.notBefore ?? 0) > now) return "not yet valid";
  if (row.spent >= (document.uses ?? Number.POSITIVE_INFINITY)) return "used up";
  if (row.greeting !== null) return "waiting";
  if (row.subNpub === null) return "unused";
  return row.loggedOut === null ? "connected" : "logged out";
};
