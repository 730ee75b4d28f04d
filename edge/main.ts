/** The Worker's door: which path leads where, who is let in. The page (`/`) is answered by the assets binding. */
import { CloseCode } from "../protocol/close-codes.ts";
import { PROTOCOL_VERSION, type ServerMessage } from "../protocol/messages.ts";
import { addressOf, subscriberOf } from "./address.ts";
import { isForOperator, operatorDoor } from "./admin/door.ts";
import { failure, json, turnAway } from "./answers.ts";
import { corsFor, isFromAllowedOrigin } from "./origins.ts";
import { pageSettings } from "./page-settings.ts";
import { presence } from "./presence.ts";
import { regionAt } from "./regions.ts";
import { RequestLimit } from "./request-limit.ts";
import type { Refusal } from "./rpc.ts";
import { BadSetting, readSettings } from "./settings.ts";
import { answerPolling } from "./socket-io/polling.ts";

export { Directory } from "./directory/directory.ts";
export { Lobby } from "./lobby.ts";
export { Moderation } from "./moderation/moderation.ts";
export { Relay } from "./relay/relay.ts";

type Route = { methods: string[]; answer(request: Incoming, env: Env): Response | Promise<Response> };
type Incoming = Request<unknown, IncomingRequestCfProperties>;

const ROUTES = new Map<string, Route>([
  ["/health", { methods: ["GET", "HEAD"], answer: health }],
  ["/presence", { methods: ["GET"], answer: showPresence }],
  ["/page-settings", { methods: ["GET"], answer: showPageSettings }],
  ["/ws", { methods: ["GET"], answer: connect }],
  ["/relay", { methods: ["GET", "HEAD", "OPTIONS"], answer: relay }],
]);

const SOCKET_IO: Route = { methods: ["GET", "POST"], answer: connectSocketIo };

/** This instance's share: a request costs no call to an object. An address mostly meets one or few instances. */
const requests = new RequestLimit();

export default {
  async fetch(request, env) {
    try {
      const { requestLimit, socketPath } = readSettings(env);
      const wait = requests.take(subscriberOf(addressOf(request)), Date.now(), requestLimit);
      // Some Nostr clients end a relay's path with a slash.
      const path = new URL(request.url).pathname.replace(/(?<=.)\/$/, "");
      if (wait > 0) return tooMany(path, request, wait);
      if (isForOperator(path)) return await operatorDoor(path, request, env);
      const route = path === socketPath ? SOCKET_IO : ROUTES.get(path);
      if (!route) return failure(404, "not found");
      if (route.methods.includes(request.method)) return await route.answer(request, env);
      return failure(405, "method not allowed", { allow: route.methods.join(", ") });
    } catch (error) {
      // With a variable that makes no sense nobody is let in.
      if (error instanceof BadSetting) return failure(503, error.message);
      console.error("edge: a request failed", error);
      return failure(503, "unavailable", { "retry-after": "1" });
    }
  },
} satisfies ExportedHandler<Env>;

function health(): Response {
  return json(200, { status: "ok" });
}

/** For pages that show it before they connect, too. */
async function showPresence(request: Incoming, env: Env): Promise<Response> {
  if (!isFromAllowedOrigin(request, env)) return failure(403, "origin not allowed");
  return json(200, await presence(regionOf(request), env), corsFor(request));
}

function showPageSettings(request: Incoming, env: Env): Response {
  if (!isFromAllowedOrigin(request, env)) return failure(403, "origin not allowed");
  return json(200, pageSettings(new URL(request.url), readSettings(env)), corsFor(request));
}

/** `/ws?v=1`: past origin, version and the cap on connections, to the lobby that the directory names. */
async function connect(request: Incoming, env: Env): Promise<Response> {
  if (!wantsWebSocket(request)) return failure(426, "upgrade required", { upgrade: "websocket" });
  if (!isFromAllowedOrigin(request, env)) return failure(403, "origin not allowed");
  const asked = new URL(request.url).searchParams;
  const version = asked.get("v") ?? String(PROTOCOL_VERSION);
  if (version !== String(PROTOCOL_VERSION)) {
    return turnAway(CloseCode.unsupportedVersion, `this server speaks version ${PROTOCOL_VERSION}`);
  }
  return enter(request, env, { door: "native" }, refuse, asked.get("lobby") ?? undefined);
}

/** SOCKET_PATH: the same for Socket.IO clients, who get plain answers to what opens no WebSocket. */
async function connectSocketIo(request: Incoming, env: Env): Promise<Response> {
  if (!isFromAllowedOrigin(request, env)) return failure(403, "origin not allowed");
  const answer = answerPolling(request, readSettings(env).connectionTimeout);
  if (answer) return answer;
  const polled = String(new URL(request.url).searchParams.has("sid"));
  return enter(request, env, { door: "socket.io", polled }, refusePlainly);
}

/** Characters of a name and a port (RFC 1035, section 2.3.4): a lobby keeps them with the socket. */
const MAX_HOST_LENGTH = 255;

/** To the lobby that the directory names, by one of its doors. */
async function enter(
  request: Incoming,
  env: Env,
  door: Record<string, string>,
  refused: (refusal: Refusal) => Response,
  wish?: string,
): Promise<Response> {
  const { host } = new URL(request.url);
  if (host.length > MAX_HOST_LENGTH) return failure(400, "the host's name is too long");
  const directory = regionOf(request);
  const admission = await env.DIRECTORY.getByName(directory).admit(addressOf(request), wish);
  if (!admission.admitted) return refused(admission);
  const { lobby, lease, address } = admission;
  const query = new URLSearchParams({ lease, directory, address, host, ...door });
  return env.LOBBY.getByName(lobby).fetch(`https://lobby/?${query}`, {
    headers: { upgrade: "websocket" },
  });
}

/** `/relay`: any Nostr client, from any page. */
function relay(request: Incoming, env: Env): Promise<Response> {
  return env.RELAY.getByName("relay").fetch(request);
}

const REFUSALS = {
  "too-many-connections": {
    status: 429,
    close: CloseCode.rateLimited,
    message: "too many connections from this address",
  },
  draining: { status: 503, close: CloseCode.goingAway, message: "no new connections at the moment" },
  banned: { status: 403, close: CloseCode.banned, message: "banned" },
} as const;

function refuse({ admitted: _, reason: code, ...more }: Refusal): Response {
  const { close, message } = REFUSALS[code];
  return turnAway(close, message, { type: "error", code, message, ...more });
}

function refusePlainly(refusal: Refusal): Response {
  const { status, message } = REFUSALS[refusal.reason];
  return failure(
    status,
    message,
    "retryAfter" in refusal ? { "retry-after": String(refusal.retryAfter) } : {},
  );
}

/** What `/ws` says to one who is to come back after so many seconds. */
function comeBackLater(message: string, retryAfter: number): Response {
  const error: ServerMessage = { type: "error", code: "rate-limited", message, retryAfter };
  return turnAway(CloseCode.rateLimited, message, error);
}

function tooMany(path: string, request: Incoming, wait: number): Response {
  const message = "too many requests from this address";
  const retryAfter = Math.ceil(wait);
  if (path === "/ws" && wantsWebSocket(request)) return comeBackLater(message, retryAfter);
  return failure(429, message, { "retry-after": String(retryAfter) });
}

const wantsWebSocket = (request: Incoming): boolean =>
  request.headers.get("upgrade")?.toLowerCase() === "websocket";

const regionOf = (request: Incoming): string => regionAt(request.cf?.continent);
