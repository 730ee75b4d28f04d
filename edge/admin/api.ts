/** The operator's API, `/admin/…`: JSON in, JSON out. docs/operations.md describes it. */
import { decode } from "nostr-tools/nip19";
import * as v from "valibot";
import { answered } from "../answered.ts";
import { failure, json, noContent } from "../answers.ts";
import type { Ban } from "../moderation/bans.ts";
import { isRegion, readLobbyName } from "../regions.ts";
import { MODERATION } from "../rpc.ts";

type Action = (request: Request, env: Env, rest: string) => Promise<Response>;

const ACTIONS: Record<string, Record<string, Action>> = {
  reports: { GET: listReports },
  bans: { GET: listBans, POST: addBan, DELETE: liftBan },
  lobbies: { GET: listLobbies },
  drain: { POST: drain },
};

const PAGE = 100;

const Npub = v.pipe(v.string(), v.regex(/^npub1[a-z0-9]{58}$/), v.check(isWithoutTypo, "a typing error"));
const Pseudonym = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const Name = v.union([Npub, Pseudonym], "an npub or the 64 hex digits of an address's pseudonym");
const Whole = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1e10));

const term = {
  seconds: v.exactOptional(Whole),
  reason: v.optional(v.pipe(v.string(), v.maxLength(500)), ""),
};
const NewBan = v.union(
  [
    v.strictObject({ name: Name, ...term }),
    v.strictObject({ address: v.union([v.pipe(v.string(), v.ip())]), ...term }),
  ],
  "wants name (an npub or a pseudonym) or address (an IP address), and may have seconds and reason",
);
const Drain = v.union(
  [
    v.strictObject({ region: v.pipe(v.string(), v.check(isRegion)), on: v.boolean() }),
    v.strictObject({ lobby: v.string(), on: v.boolean() }),
  ],
  "wants on (true or false), and region or lobby",
);

/** @param path without a slash at its end */
export async function answerOperator(path: string, request: Request, env: Env): Promise<Response> {
  const [, , what = "", ...rest] = path.split("/");
  const methods = Object.hasOwn(ACTIONS, what) ? ACTIONS[what] : undefined;
  if (!methods) return failure(404, "not found");
  const action = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined;
  if (!action) return failure(405, "method not allowed", { allow: Object.keys(methods).join(", ") });
  return action(request, env, rest.join("/"));
}

/** `?before=<id>` goes on where a page ended. */
async function listReports(request: Request, env: Env): Promise<Response> {
  const before = Number(new URL(request.url).searchParams.get("before") ?? Number.MAX_SAFE_INTEGER);
  if (!Number.isSafeInteger(before)) return failure(400, "before must be the id of a report");
  const reports = await moderation(env).reports(before, PAGE);
  return json(200, { reports: reports.map(({ at, ...report }) => ({ at: date(at), ...report })) });
}

async function listBans(_: Request, env: Env): Promise<Response> {
  const bans = await moderation(env).bans();
  return json(200, { bans: bans.map(shown) });
}

async function addBan(request: Request, env: Env): Promise<Response> {
  const parsed = v.safeParse(NewBan, await bodyOf(request));
  if (!parsed.success) return failure(400, parsed.issues[0].message);
  const { seconds, reason } = parsed.output;
  const name =
    "name" in parsed.output ? parsed.output.name : await moderation(env).nameOf(parsed.output.address);
  const until = seconds === undefined ? Number.POSITIVE_INFINITY : Date.now() + seconds * 1_000;
  return json(201, { ban: shown(await moderation(env).ban(name, until, reason)) });
}

async function liftBan(_: Request, env: Env, name: string): Promise<Response> {
  return (await moderation(env).lift(name)) ? noContent({}) : failure(404, "no such ban");
}

async function listLobbies(_: Request, env: Env): Promise<Response> {
  const regions = await moderation(env).regions();
  const lobbies = await answered(regions.map(async (region) => env.DIRECTORY.getByName(region).lobbies()));
  return json(200, { lobbies: lobbies.flat().map(({ lobby, state, load }) => ({ lobby, state, ...load })) });
}

async function drain(request: Request, env: Env): Promise<Response> {
  const parsed = v.safeParse(Drain, await bodyOf(request));
  if (!parsed.success) return failure(400, parsed.issues[0].message);
  const { on } = parsed.output;
  const lobby = "lobby" in parsed.output ? parsed.output.lobby : undefined;
  const region =
    "region" in parsed.output ? parsed.output.region : readLobbyName(parsed.output.lobby)?.region;
  const isThere = region !== undefined && (await env.DIRECTORY.getByName(region).drain(on, lobby));
  return isThere ? json(200, { on }) : failure(404, "no such lobby");
}

const moderation = (env: Env) => env.MODERATION.getByName(MODERATION);

/** `undefined` if it is no JSON. */
const bodyOf = (request: Request): Promise<unknown> => request.json().catch(() => undefined);

/** `until`: null is for good. */
const shown = ({ since, until, ...ban }: Ban) => ({
  ...ban,
  since: date(since),
  until: until === Number.POSITIVE_INFINITY ? null : date(until),
});

/** ISO 8601, UTC. */
const date = (milliseconds: number): string => new Date(milliseconds).toISOString();

function isWithoutTypo(npub: string): boolean {
  try {
    return decode(npub).type === "npub";
  } catch {
    return false;
  }
}
