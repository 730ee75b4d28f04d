/** The one place that reads the edge's variables (wrangler.toml, `[vars]`). */

import type { Limits } from "./directory/choice.ts";
import type { Limit } from "./request-limit.ts";
import type { IceSettings, TurnCredentials } from "./turn.ts";

/** A variable that is set to what it cannot mean. The message names it, and says nothing of its value. */
export class BadSetting extends Error {}

export type Settings = {
  /** Origins whose pages may open `/ws`, besides the page's own; none: any page may. */
  allowedOrigins: string[];
  maxConnectionsPerAddress: number;
  maxRelayConnectionsPerAddress: number;
  /** Where Socket.IO clients connect, without a slash at the end. */
  socketPath: string;
  /** What one lobby takes. */
  lobbyLimits: Limits;
  /** Milliseconds that a ticket waits alone before it is sent elsewhere. */
  moveAfter: number;
  /** Milliseconds. */
  rematchWindow: number;
  /** Milliseconds that a ticket waits for a shared interest. */
  relaxTime: number;
  /** Milliseconds for which the place of somebody is kept whose connection is gone. */
  resumeWindow: number;
  /** Milliseconds. */
  connectionTimeout: number;
  /** HTTP requests of one address. */
  requestLimit: Limit;
  ice: IceSettings;
  /** Where a page listens for signers; none: at this edge's own `/relay`. */
  signInRelays: string[];
  /** Where a page reads names and pictures. */
  profileRelays: string[];
  /** What the operator shows; without it there is no such door. */
  adminToken: string | undefined;
};

const MIN_TOKEN_LENGTH = 16;

const HOST_AND_PORT = String.raw`([\w.-]+|\[[\da-fA-F:.]+\])(:\d{1,5})?`;
/** RFC 7064. */
const STUN_URL = new RegExp(`^stuns?:${HOST_AND_PORT}$`);
/** RFC 7065. */
const TURN_URL = new RegExp(String.raw`^turns?:${HOST_AND_PORT}(\?transport=(udp|tcp))?$`);

export function readSettings(env: Env): Settings {
  return {
    allowedOrigins: [env.CLIENT_URL, env.CLIENT_IP_URL].filter((url) => url !== "").map(originOf),
    maxConnectionsPerAddress: positive("MAX_CONNECTIONS_PER_ADDRESS", env.MAX_CONNECTIONS_PER_ADDRESS),
    maxRelayConnectionsPerAddress: positive(
      "MAX_RELAY_CONNECTIONS_PER_ADDRESS",
      env.MAX_RELAY_CONNECTIONS_PER_ADDRESS,
    ),
    socketPath: path("SOCKET_PATH", env.SOCKET_PATH),
    lobbyLimits: {
      sockets: positive("LOBBY_MAX_SOCKETS", env.LOBBY_MAX_SOCKETS),
      searchesPerSecond: positive("LOBBY_MAX_SEARCHES_PER_SECOND", env.LOBBY_MAX_SEARCHES_PER_SECOND),
    },
    moveAfter: positive("MOVE_AFTER_MS", env.MOVE_AFTER_MS),
    connectionTimeout: positive("CONNECTION_TIMEOUT_MS", env.CONNECTION_TIMEOUT_MS),
    relaxTime: positive("RELAX_MS", env.RELAX_MS),
    resumeWindow: positive("MAX_DISCONNECTION_DURATION_MS", env.MAX_DISCONNECTION_DURATION_MS),
    rematchWindow: positive("REMATCH_WINDOW_MS", env.REMATCH_WINDOW_MS),
    requestLimit: {
      window: positive("RATE_LIMIT_WINDOW_MS", env.RATE_LIMIT_WINDOW_MS),
      max: positive("RATE_LIMIT_MAX_REQUESTS", env.RATE_LIMIT_MAX_REQUESTS),
    },
    ice: iceSettings(env),
    signInRelays: relays("SIGN_IN_RELAYS", env.SIGN_IN_RELAYS),
    profileRelays: relays("PROFILE_RELAYS", env.PROFILE_RELAYS),
    adminToken: adminToken(env),
  };
}

function adminToken({ ADMIN_TOKEN: token }: Env): string | undefined {
  if (token !== undefined && token.length < MIN_TOKEN_LENGTH)
    throw new BadSetting(`ADMIN_TOKEN must have at least ${MIN_TOKEN_LENGTH} characters`);
  return token;
}

/** A browser refuses all of its servers over one whose address it cannot read, or which lacks credentials. */
function iceSettings(env: Env): IceSettings {
  const urls = list(env.TURN_SERVER_URL);
  const stun = urls.filter((url) => STUN_URL.test(url));
  const turn = urls.filter((url) => TURN_URL.test(url));
  if (stun.length + turn.length < urls.length)
    throw new BadSetting("TURN_SERVER_URL must be stun:, turn: or turns: addresses, separated by commas");
  return turn.length > 0 ? { stun, turn: { urls: turn, ...turnCredentials(env) } } : { stun };
}

function turnCredentials(env: Env): TurnCredentials {
  const {
    TURN_SERVER_SECRET: secret,
    TURN_SERVER_USERNAME: username,
    TURN_SERVER_CREDENTIAL: credential,
  } = env;
  if (secret && !username && !credential)
    return { secret, lifetime: positive("TURN_TTL_MS", env.TURN_TTL_MS) };
  if (username && credential && !secret) return { username, credential };
  throw new BadSetting(
    "a turn: address needs either TURN_SERVER_SECRET, or TURN_SERVER_USERNAME and TURN_SERVER_CREDENTIAL",
  );
}

function relays(name: string, text: string): string[] {
  const urls = list(text);
  if (!urls.every((url) => /^wss?:\/\//.test(url) && URL.canParse(url)))
    throw new BadSetting(`${name} must be wss:// or ws:// addresses, separated by commas`);
  return urls;
}

const list = (text: string): string[] => text.split(",").flatMap((item) => item.trim() || []);

/** As a browser writes it: no path, no default port. A value that is no address matches no browser. */
const originOf = (url: string): string => (URL.canParse(url) ? new URL(url).origin : url);

function path(name: string, text: string): string {
  if (!/^(\/[\w.~-]+)+\/?$/.test(text)) throw new BadSetting(`${name} must be a path`);
  return text.replace(/\/$/, "");
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new BadSetting(`${name} must be a whole number above 0`);
  return value;
}
