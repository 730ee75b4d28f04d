/** `status`: what there is, in numbers. */
import type { Command } from "commander";
import * as v from "valibot";
import { Place } from "../leases/place.ts";
import { SHARDS } from "../leases/shards.ts";
import { readKeys } from "./key.ts";
import type { Operator, Run } from "./operator.ts";
import { plain } from "./output.ts";
import { EVERYTHING } from "./stops.ts";
import { showTime } from "./time.ts";

export const addStatusCommand = (program: Command, run: Run): void => {
  program
    .command("status")
    .description("the database, how many keys, tokens and clients it holds, and which workers serve them")
    .addHelpText(
      "after",
      `
JSON: {database, relays, stopped, keys: {all, live, stopped, unsealed, noSecret},
       tokens: {live, unused, waiting, expired, revoked}, clients, lastRequest,
       workers: [{host, pid, shards, until, reaches, broken}], unserved}
  database: its host, or embedded; stopped: since when all signing is, lastRequest: of the audit log, or null;
  live keys have a live token; unsealed: with a secret as nsec or hex; clients: those with a live token;
  shards: how many of the 32 parts of the key space a worker serves, until: nobody else does before, reaches: whether it has a relay,
  broken: how many of its keys it cannot open; unserved: of none`,
    )
    .action(() => run(status));
};

interface TokenCounts {
  live: number;
  unused: number;
  waiting: number;
  expired: number;
  revoked: number;
  clients: number;
}

const status = async ({ prisma, config, out }: Operator): Promise<void> => {
  const now = Date.now();
  const [rows, everything, counts, last, workers] = await Promise.all([
    readKeys(prisma, now),
    prisma.stops.findUnique({ where: { subject: EVERYTHING } }),
    countTokens(prisma, now),
    prisma.auditLog.findFirst({ orderBy: { at: "desc" }, select: { at: true } }),
    readWorkers(prisma),
  ]);
  const { clients = 0, ...tokens } = counts ?? {};
  const keys = {
    all: rows.length,
    live: rows.filter((row) => row.tokens > 0).length,
    stopped: rows.filter((row) => row.stopped !== null).length,
    unsealed: rows.filter(({ atRest }) => atRest.some((form) => form === "nsec" || form === "hex")).length,
    noSecret: rows.filter(({ atRest }) => atRest.length === 0).length,
  };
  const document = {
    database: config.database.url ? new URL(config.database.url).host : "embedded",
    relays: config.relays,
    stopped: everything?.since ?? null,
    keys,
    tokens,
    clients,
    lastRequest: last?.at ?? null,
    workers,
    unserved: workers.reduce((rest, { shards }) => rest - shards, SHARDS),
  };
  out.print(document, () =>
    [
      `Database      ${document.database}`,
      `Relays        ${document.relays.join(", ")}`,
      `Signing       ${everything ? `STOPPED since ${showTime(everything.since)} (start --all)` : "allowed"}`,
      `Keys          ${said(keys)}`,
      `Tokens        ${said(tokens)}`,
      `Clients       ${clients}`,
      `Last request  ${showTime(document.lastRequest) ?? "none"}`,
      ...workers.map(
        ({ host, pid, shards, until, reaches, broken }) =>
          `Worker        ${plain(host)}, process ${pid}: ${shards} of ${SHARDS} parts of the keys, until ${showTime(until)}` +
          (reaches ? "" : ", REACHES NO RELAY") +
          (broken > 0 ? `, CANNOT OPEN ${broken} of its keys` : ""),
      ),
      ...(document.unserved > 0
        ? [`No worker serves ${document.unserved} of ${SHARDS} parts of the keys.`]
        : []),
      ...(keys.unsealed > 0 ? ["Secrets lie unsealed in the database: `key seal` seals them."] : []),
    ].join("\n"),
  );
};

interface WorkerRow {
  place: unknown;
  expires: bigint;
  shards: number;
  reaches: boolean;
  broken: number;
}

/** Those that have renewed in time. */
const readWorkers = async (prisma: Operator["prisma"]) => {
  const rows = await prisma.$queryRaw<WorkerRow[]>`
    SELECT place, expires, reaches, broken, (SELECT count(*)::int FROM "Leases" WHERE worker = id) AS shards
    FROM "Workers" WHERE NOT dead AND expires > satoshigle_now() ORDER BY id`;
  return rows.map(({ place, expires: until, ...rest }) => {
    const { host, pid } = v.parse(Place, place);
    return { host, pid, until, ...rest };
  });
};

const said = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(
      ([name, count]) =>
        `${count} ${name === "noSecret" ? "without a secret" : name === "all" ? "in all" : name}`,
    )
    .join(", ");

const countTokens = async (prisma: Operator["prisma"], now: number): Promise<TokenCounts | undefined> => {
  const [counts] = await prisma.$queryRaw<TokenCounts[]>`
    SELECT
      (count(*) FILTER (WHERE live))::int AS live,
      (count(*) FILTER (WHERE live AND "subNpub" IS NULL))::int AS unused,
      (count(*) FILTER (WHERE live AND greeting IS NOT NULL))::int AS waiting,
      (count(*) FILTER (WHERE NOT live AND revoked IS NULL))::int AS expired,
      (count(*) FILTER (WHERE revoked IS NOT NULL))::int AS revoked,
      (count(DISTINCT "subNpub") FILTER (WHERE live))::int AS clients
    FROM (SELECT *, expiry > ${BigInt(now)} AND revoked IS NULL AS live FROM "ConnectTokens") AS tokens`;
  return counts;
};
