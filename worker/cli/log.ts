/** `log`: who had which key do what, and what came of it. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Command, InvalidArgumentError } from "commander";
import { findClient, findKey } from "./find.ts";
import type { Operator, Run } from "./operator.ts";
import { plain, short } from "./output.ts";
import { parsePast, showTime, TIMES } from "./time.ts";

const MOST = 100_000;
const POLL_MS = 500;
/** Workers write in batches, and not in the order of ids: rows may appear this long after their time. */
const LATE_MS = 60_000;

interface LogOptions {
  npub?: string;
  client?: string;
  since?: number;
  limit: number;
  follow?: true;
}

export const addLogCommand = (program: Command, run: Run): void => {
  program
    .command("log")
    .description("the audit log, oldest first")
    .option("--npub <npub>", "of this key only")
    .option("--client <client>", "of this client only")
    .option("--since <time>", `from when on: ${TIMES}, counted back from now`, parsePast)
    .option("--limit <number>", "so many entries, the latest", parseLimit, 50)
    .option("-f, --follow", "go on as they come, until Ctrl-C")
    .addHelpText(
      "after",
      `
How long it is kept is AUDIT_DAYS of the worker, which writes it.
JSON: one object a line, {id, at, npub, client, method, kind, eventId, outcome}; at: milliseconds since 1970;
  kind, eventId: of signed events, or null; outcome: ok, or the reason of the refusal`,
    )
    .action((options: LogOptions) => run((operator) => log(operator, options)));
};

const parseLimit = (text: string): number => {
  if (/^[1-9]\d{0,5}$/.test(text) && Number(text) <= MOST) return Number(text);
  throw new InvalidArgumentError(`Give a whole number from 1 to ${MOST}.`);
};

const log = async (operator: Operator, options: LogOptions): Promise<void> => {
  const { prisma } = operator;
  const where = {
    ...(options.npub === undefined ? {} : { npub: await findKey(prisma, options.npub) }),
    ...(options.client === undefined ? {} : { client: await findClient(prisma, options.client) }),
  };
  const begun = Date.now();
  const since = options.since === undefined ? {} : { at: { gte: options.since } };
  const entries = await prisma.auditLog.findMany({
    where: { ...where, ...since },
    orderBy: [{ at: "desc" }, { id: "desc" }],
    take: options.limit,
  });
  for (const entry of entries.reverse()) show(operator, entry);
  if (options.follow) await follow(operator, where, begun, entries);
};

/** Never resolves: a signal ends it. */
const follow = async (
  operator: Operator,
  where: { npub?: string; client?: string },
  begun: number,
  entries: Entry[],
): Promise<never> => {
  const shown = new Map(entries.map(({ id, at }) => [id, Number(at)]));
  for (;;) {
    await sleep(POLL_MS);
    const horizon = Math.max(begun, Date.now() - LATE_MS);
    const news = await operator.prisma.auditLog.findMany({
      where: { ...where, at: { gte: horizon } },
      orderBy: [{ at: "asc" }, { id: "asc" }],
    });
    for (const entry of news) {
      if (shown.has(entry.id)) continue;
      shown.set(entry.id, Number(entry.at));
      show(operator, entry);
    }
    for (const [id, at] of shown) if (at < horizon) shown.delete(id);
  }
};

interface Entry {
  id: bigint;
  at: bigint;
  npub: string;
  client: string;
  method: string;
  kind: number | null;
  eventId: string | null;
  outcome: string;
}

const show = ({ out }: Operator, entry: Entry): void => {
  const { id, at, npub, client, method, kind, eventId, outcome } = entry;
  out.print({ id, at, npub, client, method, kind, eventId, outcome }, () =>
    [
      showTime(at),
      `key ${short(npub)}`,
      `client ${short(client)}`,
      kind === null ? method : `${method}:${kind}`,
      ...(eventId === null ? [] : [eventId]),
      outcome,
    ]
      .map((part) => plain(part ?? ""))
      .join("  "),
  );
};
